import { readMethodFields, type MethodFields } from "./method-fields.ts";
import { methodName, type MethodName } from "./method-names.ts";

const frameTypes = { 1: "method", 2: "header", 3: "body", 8: "heartbeat" } as const;
const headerBytes = 7;
const frameEnd = 0xce;

/** One AMQP 0-9-1 frame as it stands on the wire. */
export interface Frame {
  readonly type: (typeof frameTypes)[keyof typeof frameTypes];
  readonly channel: number;
  /** Set for a method frame that the specification or RabbitMQ knows. */
  readonly method?: MethodName;
  /** Delivery tag, exchange, reply code and so on, as far as this method has them. */
  readonly fields: MethodFields;
  /** What is between the seven bytes of the frame header and the frame end. */
  readonly payload: Buffer;
}

const noFields: MethodFields = Object.freeze({});

/**
 * Cuts one direction of an AMQP connection into frames, wherever its chunks begin and end.
 *
 * It may join in the middle: bytes that cannot be a frame are skipped until a chunk begins with one.
 */
export class FrameReader {
  #pending: Buffer = Buffer.alloc(0);

  /** The frames that became complete with these bytes. */
  push(bytes: Buffer): Frame[] {
    let rest = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    const frames: Frame[] = [];
    while (rest.length > 0) {
      if (isProtocolHeader(rest)) {
        if (rest.length < 8) break;
        rest = rest.subarray(8);
        continue;
      }
      const type = frameTypes[rest[0] as keyof typeof frameTypes];
      if (type === undefined) {
        rest = rest.subarray(rest.length);
        break;
      }
      if (rest.length < headerBytes) break;
      const end = headerBytes + rest.readUInt32BE(3);
      if (rest.length <= end) break;
      if (rest[end] !== frameEnd) {
        rest = rest.subarray(rest.length);
        break;
      }
      frames.push(toFrame(type, rest.readUInt16BE(1), rest.subarray(headerBytes, end)));
      rest = rest.subarray(end + 1);
    }
    this.#pending = rest;
    return frames;
  }
}

function isProtocolHeader(bytes: Buffer): boolean {
  const magic = "AMQP";
  return bytes.toString("latin1", 0, Math.min(4, bytes.length)) === magic.slice(0, bytes.length);
}

function toFrame(type: Frame["type"], channel: number, payload: Buffer): Frame {
  if (type !== "method" || payload.length < 4) return { type, channel, fields: noFields, payload };
  const method = methodName(payload.readUInt16BE(0), payload.readUInt16BE(2));
  if (method === undefined) return { type, channel, fields: noFields, payload };
  return { type, channel, method, fields: readMethodFields(method, payload), payload };
}
