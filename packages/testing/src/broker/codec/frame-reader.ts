import { AmqpError } from "../amqp-error.ts";
import { erlangOctets } from "./erlang-octets.ts";
import { frameEnd, frameHeaderBytes, frameTypes } from "./frames.ts";

/** `payload` is a view of what was read: copy what has to outlive the message, or keeps a whole chunk in memory. */
export type OnFrame = (type: number, channel: number, payload: Buffer) => void;

export interface FrameReaderOptions {
  /** Called in the order of the wire. What it throws ends the reading of that chunk. */
  readonly onFrame: OnFrame;
  /** As agreed in `connection.tune`; 0 for no limit. May be set while a chunk is read. */
  readonly maxFrameBytes: number;
}

const firstHeldBytes = 1_024;

/** The fewest octets that a payload of this type may have, and the most. */
const payloadBounds: Readonly<Record<number, readonly [least: number, most: number]>> = {
  [frameTypes.method]: [4, Infinity],
  [frameTypes.header]: [12, Infinity],
  [frameTypes.body]: [0, Infinity],
  [frameTypes.heartbeat]: [0, 0],
};

/**
 * Cuts what a client sends into frames, wherever its chunks begin and end, and never holds more than one frame. What is
 * no frame throws AmqpError 501, with the text that RabbitMQ gives; a reader that has thrown is of no more use.
 */
export class FrameReader {
  maxFrameBytes: number;
  readonly #onFrame: OnFrame;
  /** The beginning of a frame whose end is still to come; longer than what is filled of it. */
  #held: Buffer = Buffer.allocUnsafe(0);
  #heldBytes = 0;

  constructor({ onFrame, maxFrameBytes }: FrameReaderOptions) {
    this.#onFrame = onFrame;
    this.maxFrameBytes = maxFrameBytes;
  }

  /** Bytes of a frame that is not complete. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** @throws AmqpError 501 */
  push(chunk: Buffer): void {
    let at = this.#heldBytes === 0 ? 0 : this.#complete(chunk);
    while (chunk.length - at >= frameHeaderBytes) {
      const end = at + frameHeaderBytes + this.#payloadBytes(chunk, at);
      if (end >= chunk.length) break;
      this.#frame(chunk, at, end);
      at = end + 1;
    }
    if (at < chunk.length) this.#hold(chunk, at, chunk.length);
  }

  /** Takes from the chunk what the held frame lacks; returns how much that was. */
  #complete(chunk: Buffer): number {
    let at = 0;
    if (this.#heldBytes < frameHeaderBytes) {
      at = Math.min(frameHeaderBytes - this.#heldBytes, chunk.length);
      this.#hold(chunk, 0, at);
      if (this.#heldBytes < frameHeaderBytes) return at;
    }
    const end = frameHeaderBytes + this.#payloadBytes(this.#held, 0);
    const from = at;
    at = Math.min(from + end + 1 - this.#heldBytes, chunk.length);
    this.#hold(chunk, from, at, end + 1);
    if (this.#heldBytes > end) {
      const frame = this.#held;
      this.#held = Buffer.allocUnsafe(0);
      this.#heldBytes = 0;
      this.#frame(frame, 0, end);
    }
    return at;
  }

  #hold(chunk: Buffer, from: number, to: number, mostBytes = Infinity): void {
    const filled = this.#heldBytes + to - from;
    if (filled > this.#held.length) {
      // Doubled as bytes arrive, so that an announced length alone costs nothing.
      const larger = Buffer.allocUnsafe(
        Math.max(filled, Math.min(mostBytes, Math.max(firstHeldBytes, 2 * this.#held.length))),
      );
      this.#held.copy(larger, 0, 0, this.#heldBytes);
      this.#held = larger;
    }
    chunk.copy(this.#held, this.#heldBytes, from, to);
    this.#heldBytes = filled;
  }

  /** RabbitMQ counts the payload alone against the limit. */
  #payloadBytes(bytes: Buffer, at: number): number {
    const length = bytes.readUInt32BE(at + 3);
    if (this.maxFrameBytes !== 0 && length > this.maxFrameBytes) {
      const detail = `{frame_too_large,${length},${this.maxFrameBytes - frameHeaderBytes - 1}}`;
      throw frameError(bytes[at]!, Buffer.alloc(0), detail);
    }
    return length;
  }

  #frame(bytes: Buffer, start: number, end: number): void {
    const type = bytes[start]!;
    const payload = bytes.subarray(start + frameHeaderBytes, end);
    const mark = bytes[end]!;
    if (mark !== frameEnd) throw frameError(type, payload, `{invalid_frame_end_marker,${mark}}`);
    const bounds = payloadBounds[type];
    if (bounds === undefined || payload.length < bounds[0] || payload.length > bounds[1])
      throw frameError(type, payload, "unknown_frame");
    this.#onFrame(type, bytes.readUInt16BE(start + 1), payload);
  }
}

function frameError(type: number, payload: Buffer, detail: string): AmqpError {
  const some = payload.length <= 16 ? "all" : "first 16";
  return new AmqpError(
    501,
    `type ${type}, ${some} octets = ${erlangOctets(payload.subarray(0, 16))}: ${detail}`,
  );
}
