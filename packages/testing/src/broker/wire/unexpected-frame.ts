import { AmqpError } from "../amqp-error.ts";
import { octetsOrText } from "../codec/erlang-octets.ts";

/** A frame where none of its kind can be, with its first octets as RabbitMQ shows them. */
export function unexpectedFrame(type: number, payload: Buffer): AmqpError {
  const some = payload.length <= 16 ? "all" : "first 16";
  return new AmqpError(505, `type ${type}, ${some} octets = ${octetsOrText(payload.subarray(0, 16))}`);
}
