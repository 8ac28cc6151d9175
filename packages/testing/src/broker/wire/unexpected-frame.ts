import { AmqpError } from "../amqp-error.ts";
import { frameInWords } from "../codec/frame-reader.ts";

/** A frame where none of its kind can be, with its first octets as RabbitMQ shows them. */
export function unexpectedFrame(type: number, payload: Buffer): AmqpError {
  return new AmqpError(505, frameInWords(type, payload));
}
