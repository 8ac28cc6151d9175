import { AmqpError } from "../amqp-error.ts";
import { octetsOrText } from "./erlang-octets.ts";
import { FrameCutter } from "./frame-cutter.ts";
import { frameEnd, frameHeaderBytes, frameTypes } from "./frames.ts";

/** `payload` is a view of what was read: whoever keeps a few bytes of it keeps a whole chunk in memory. */
export type OnFrame = (type: number, channel: number, payload: Buffer) => void;

export interface FrameReaderOptions {
  /** Called in the order of the wire. What it throws comes out of `push`, and the rest of that chunk is lost. */
  readonly onFrame: OnFrame;
  /** As agreed in `connection.tune`; 0 for no limit. May be set while a chunk is read. */
  readonly maxFrameBytes: number;
}

/** The fewest octets that a payload of this type may have, and the most. */
const payloadBounds: Readonly<Record<number, readonly [least: number, most: number]>> = {
  [frameTypes.method]: [4, Infinity],
  [frameTypes.header]: [12, Infinity],
  [frameTypes.body]: [0, Infinity],
  [frameTypes.heartbeat]: [0, 0],
};

const snippetBytes = 16;
const nothing = Buffer.alloc(0);

/**
 * Cuts what a client sends after its protocol header into frames, wherever the chunks begin and end. Where something is
 * no frame, `push` throws AmqpError 501 with the text of RabbitMQ 3.10, and the reader is of no more use. It never holds
 * more than one frame.
 */
export class FrameReader {
  maxFrameBytes: number;
  readonly #onFrame: OnFrame;
  readonly #cutter: FrameCutter;

  constructor({ onFrame, maxFrameBytes }: FrameReaderOptions) {
    this.#onFrame = onFrame;
    this.maxFrameBytes = maxFrameBytes;
    this.#cutter = new FrameCutter({
      head: (type, payloadBytes) => this.#head(type, payloadBytes),
      frame: (type, channel, payload, endOctet) => this.#frame(type, channel, payload, endOctet),
    });
  }

  /** The memory that an incomplete frame takes. */
  get heldCapacityBytes(): number {
    return this.#cutter.heldCapacityBytes;
  }

  /** @throws AmqpError 501 */
  push(chunk: Buffer): void {
    this.#cutter.push(chunk);
  }

  /** RabbitMQ holds the payload alone against the limit. */
  #head(type: number, payloadBytes: number): void {
    if (this.maxFrameBytes === 0 || payloadBytes <= this.maxFrameBytes) return;
    const mostBytes = this.maxFrameBytes - frameHeaderBytes - 1;
    throw frameError(type, nothing, `{frame_too_large,${payloadBytes},${mostBytes}}`);
  }

  #frame(type: number, channel: number, payload: Buffer, endOctet: number): void {
    if (endOctet !== frameEnd) throw frameError(type, payload, `{invalid_frame_end_marker,${endOctet}}`);
    const bounds = payloadBounds[type];
    if (bounds === undefined || payload.length < bounds[0] || payload.length > bounds[1])
      throw frameError(type, payload, "unknown_frame");
    this.#onFrame(type, channel, payload);
  }
}

function frameError(type: number, payload: Buffer, detail: string): AmqpError {
  return new AmqpError(501, `${frameInWords(type, payload)}: ${detail}`);
}

/** A frame as RabbitMQ's texts show it, also in those of 505 for one that nobody expects there. */
export function frameInWords(type: number, payload: Buffer): string {
  const some = payload.length <= snippetBytes ? "all" : `first ${snippetBytes}`;
  return `type ${type}, ${some} octets = ${octetsOrText(payload.subarray(0, snippetBytes))}`;
}
