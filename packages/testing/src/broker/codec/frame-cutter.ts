import { frameHeaderBytes } from "./frames.ts";

/** Who decides what is a frame. */
export interface FrameSink {
  /** The seven octets before a payload are there. What it throws ends the reading. */
  head(type: number, payloadBytes: number): void;
  /** A payload and the octet after it, in the order of the wire. The payload is a view of what was read. */
  frame(type: number, channel: number, payload: Buffer, endOctet: number): void;
}

/** Up to here there is room for a whole frame at once; larger ones get it as their bytes arrive. */
const usualFrameBytes = 131_080;
const nothing = Buffer.alloc(0);

/**
 * Cuts a stream of chunks where frames end, and never holds more than the beginning of one. A frame within one chunk is
 * a view of it; one that spans several is copied into memory of its own. Where the sink has thrown, the rest of the chunk is lost and the cutter of no more use.
 */
export class FrameCutter {
  readonly #sink: FrameSink;
  /** The beginning of a frame whose end is still to come, and room behind it. */
  #held: Buffer = nothing;
  #heldBytes = 0;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** The memory that an incomplete frame takes. */
  get heldCapacityBytes(): number {
    return this.#held.length;
  }

  push(chunk: Buffer): void {
    let at = this.#heldBytes === 0 ? 0 : this.#complete(chunk);
    while (chunk.length - at >= frameHeaderBytes) {
      const end = this.#endOfPayload(chunk, at);
      if (end >= chunk.length) return this.#hold(chunk, at, chunk.length, end + 1 - at);
      this.#emit(chunk, at, end);
      at = end + 1;
    }
    if (at < chunk.length) this.#hold(chunk, at, chunk.length, frameHeaderBytes);
  }

  /** Takes from the chunk what the held frame lacks; returns how much that was. */
  #complete(chunk: Buffer): number {
    let at = 0;
    if (this.#heldBytes < frameHeaderBytes) {
      at = Math.min(frameHeaderBytes - this.#heldBytes, chunk.length);
      this.#hold(chunk, 0, at, frameHeaderBytes);
      if (this.#heldBytes < frameHeaderBytes) return at;
    }
    const end = this.#endOfPayload(this.#held, 0);
    const upTo = Math.min(at + end + 1 - this.#heldBytes, chunk.length);
    this.#hold(chunk, at, upTo, end + 1);
    if (this.#heldBytes > end) {
      const frame = this.#held;
      this.#held = nothing;
      this.#heldBytes = 0;
      this.#emit(frame, 0, end);
    }
    return upTo;
  }

  /** `frameBytes` is how long it becomes, as far as that is known. */
  #hold(chunk: Buffer, from: number, to: number, frameBytes: number): void {
    const filled = this.#heldBytes + to - from;
    if (filled > this.#held.length) {
      const roomy = Math.min(frameBytes, Math.max(usualFrameBytes, 2 * this.#held.length));
      const larger = Buffer.allocUnsafeSlow(Math.max(filled, roomy));
      this.#held.copy(larger, 0, 0, this.#heldBytes);
      this.#held = larger;
    }
    chunk.copy(this.#held, this.#heldBytes, from, to);
    this.#heldBytes = filled;
  }

  #endOfPayload(bytes: Buffer, at: number): number {
    const payloadBytes = bytes.readUInt32BE(at + 3);
    this.#sink.head(bytes[at]!, payloadBytes);
    return at + frameHeaderBytes + payloadBytes;
  }

  #emit(bytes: Buffer, at: number, end: number): void {
    const payload = bytes.subarray(at + frameHeaderBytes, end);
    this.#sink.frame(bytes[at]!, bytes.readUInt16BE(at + 1), payload, bytes[end]!);
  }
}
