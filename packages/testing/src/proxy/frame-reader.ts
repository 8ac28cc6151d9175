import { AmqpError } from "../broker/amqp-error.ts";
import { FrameCutter } from "../broker/codec/frame-cutter.ts";
import { frameEnd, frameTypes, protocolHeader } from "../broker/codec/frames.ts";
import type { MethodName } from "../broker/codec/method-table.ts";
import { decodeMethod, methodName } from "../broker/codec/methods.ts";
import type { MethodFields } from "./method-fields.ts";

/** One AMQP 0-9-1 frame as it stands on the wire. */
export interface Frame {
  readonly type: keyof typeof frameTypes;
  readonly channel: number;
  /** Set for a method frame that the specification or RabbitMQ knows. */
  readonly method?: MethodName;
  /** Delivery tag, exchange, reply code and so on, as far as this method has them; decoded when asked for. */
  readonly fields: MethodFields;
  /** What is between the seven bytes of the frame header and the frame end. */
  readonly payload: Buffer;
}

const typeNames: ReadonlyMap<number, Frame["type"]> = new Map(
  (Object.keys(frameTypes) as Frame["type"][]).map((name) => [frameTypes[name], name]),
);
/** No broker is set to more; what announces more is no frame. */
const mostPayloadBytes = 2 ** 28;
const magicBytes = 4;
const noFields: MethodFields = Object.freeze({});
const notAFrame = new Error("not a frame");

/**
 * Cuts one direction of an AMQP connection into frames, wherever its chunks begin and end.
 *
 * It may join in the middle: bytes that cannot be a frame are skipped until a chunk begins with one.
 */
export class FrameReader {
  #cutter: FrameCutter = this.#newCutter();
  #frames: Frame[] = [];
  /** How much of a protocol header has gone by; all of it once there can be frames. */
  #headerBytes = 0;

  /** The frames that became complete with these bytes. */
  push(bytes: Buffer): Frame[] {
    try {
      this.#cutter.push(this.#afterProtocolHeader(bytes));
    } catch (error) {
      if (error !== notAFrame) throw error;
      this.#cutter = this.#newCutter();
    }
    const frames = this.#frames;
    if (frames.length > 0) this.#frames = [];
    return frames;
  }

  #newCutter(): FrameCutter {
    return new FrameCutter({
      head: (type, payloadBytes) => {
        if (!typeNames.has(type) || payloadBytes > mostPayloadBytes) throw notAFrame;
      },
      frame: (type, channel, payload, endOctet) => {
        if (endOctet !== frameEnd) throw notAFrame;
        this.#frames.push(new WireFrame(typeNames.get(type)!, channel, payload));
      },
    });
  }

  #afterProtocolHeader(bytes: Buffer): Buffer {
    let at = 0;
    while (this.#headerBytes < protocolHeader.length && at < bytes.length) {
      const belongs = this.#headerBytes >= magicBytes || bytes[at] === protocolHeader[this.#headerBytes];
      this.#headerBytes = belongs ? this.#headerBytes + 1 : protocolHeader.length;
      if (belongs) at += 1;
    }
    return at === 0 ? bytes : bytes.subarray(at);
  }
}

class WireFrame implements Frame {
  readonly type: Frame["type"];
  readonly channel: number;
  readonly method?: MethodName;
  readonly payload: Buffer;
  #fields: MethodFields | undefined;

  constructor(type: Frame["type"], channel: number, payload: Buffer) {
    this.type = type;
    this.channel = channel;
    this.payload = payload;
    const method = type === "method" ? methodName(payload) : undefined;
    if (method !== undefined) this.method = method;
  }

  get fields(): MethodFields {
    return (this.#fields ??= this.method === undefined ? noFields : readFields(this.payload));
  }
}

/** What the other end will refuse has no fields. */
function readFields(payload: Buffer): MethodFields {
  try {
    return decodeMethod(payload).arguments;
  } catch (error) {
    if (error instanceof AmqpError) return noFields;
    throw error;
  }
}
