import type { MethodName } from "./method-names.ts";

/** The fields that a test asks for. Those a method does not carry are absent. */
export interface MethodFields {
  readonly deliveryTag?: number;
  readonly multiple?: boolean;
  readonly requeue?: boolean;
  readonly redelivered?: boolean;
  readonly mandatory?: boolean;
  readonly consumerTag?: string;
  readonly queue?: string;
  readonly exchange?: string;
  readonly routingKey?: string;
  readonly replyCode?: number;
  readonly replyText?: string;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
type Step = (fields: Mutable<MethodFields>, cursor: Cursor) => void;

/** Reads fields one after another from the arguments of a method. */
class Cursor {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  uint8(): number {
    return this.#bytes.readUInt8((this.#at += 1) - 1);
  }

  uint16(): number {
    return this.#bytes.readUInt16BE((this.#at += 2) - 2);
  }

  uint64(): number {
    return Number(this.#bytes.readBigUInt64BE((this.#at += 8) - 8));
  }

  shortString(): string {
    const length = this.uint8();
    return this.#bytes.toString("utf8", this.#at, (this.#at += length));
  }
}

const deliveryTag: Step = (fields, cursor) => void (fields.deliveryTag = cursor.uint64());
const redelivered: Step = (fields, cursor) => void (fields.redelivered = cursor.uint8() === 1);
const consumerTag: Step = (fields, cursor) => void (fields.consumerTag = cursor.shortString());
const queue: Step = (fields, cursor) => void (fields.queue = cursor.shortString());
const exchange: Step = (fields, cursor) => void (fields.exchange = cursor.shortString());
const routingKey: Step = (fields, cursor) => void (fields.routingKey = cursor.shortString());
const replyCode: Step = (fields, cursor) => void (fields.replyCode = cursor.uint16());
const replyText: Step = (fields, cursor) => void (fields.replyText = cursor.shortString());
const ticket: Step = (_, cursor) => void cursor.uint16();

/** The arguments of each method in wire order, up to the last one that is of interest. */
const layouts: Partial<Record<MethodName, readonly Step[]>> = {
  "connection.close": [replyCode, replyText],
  "channel.close": [replyCode, replyText],
  "queue.declare": [ticket, queue],
  "queue.delete": [ticket, queue],
  "basic.consume": [ticket, queue, consumerTag],
  "basic.consume-ok": [consumerTag],
  "basic.cancel": [consumerTag],
  "basic.cancel-ok": [consumerTag],
  "basic.publish": [
    ticket,
    exchange,
    routingKey,
    (fields, cursor) => void (fields.mandatory = (cursor.uint8() & 1) === 1),
  ],
  "basic.return": [replyCode, replyText, exchange, routingKey],
  "basic.deliver": [consumerTag, deliveryTag, redelivered, exchange, routingKey],
  "basic.get-ok": [deliveryTag, redelivered, exchange, routingKey],
  "basic.ack": [deliveryTag, (fields, cursor) => void (fields.multiple = cursor.uint8() === 1)],
  "basic.reject": [deliveryTag, (fields, cursor) => void (fields.requeue = cursor.uint8() === 1)],
  "basic.nack": [
    deliveryTag,
    (fields, cursor) => {
      const bits = cursor.uint8();
      fields.multiple = (bits & 1) === 1;
      fields.requeue = (bits & 2) === 2;
    },
  ],
};

/** `payload` is that of a method frame: class id, method id, arguments. */
export function readMethodFields(method: MethodName, payload: Buffer): MethodFields {
  const fields: Mutable<MethodFields> = {};
  const cursor = new Cursor(payload, 4);
  for (const step of layouts[method] ?? []) step(fields, cursor);
  return fields;
}
