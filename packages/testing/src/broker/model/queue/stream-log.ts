import type { Message } from "../message.ts";

/** A message of a stream. */
export interface StreamEntry {
  readonly offset: number;
  readonly message: Message;
  /** When it came, in milliseconds since the epoch. */
  readonly timeMs: number;
}

interface Segment {
  readonly firstOffset: number;
  readonly entries: StreamEntry[];
  bytes: number;
}

/** What a stream keeps; undefined for all. */
export interface Retention {
  readonly maxLengthBytes: number | undefined;
  readonly maxAgeMs: number | undefined;
  /** Only whole segments of that size go, so more than the limits is kept for a while. */
  readonly segmentBytes: number;
}

/** The messages of a stream, each at its offset for good. */
export class StreamLog {
  readonly #retention: Retention;
  /** In order, the last one being written. */
  readonly #segments: Segment[] = [{ firstOffset: 0, entries: [], bytes: 0 }];
  #endOffset = 0;
  #bytes = 0;

  constructor(retention: Retention) {
    this.#retention = retention;
  }

  get firstOffset(): number {
    return this.#segments[0]!.firstOffset;
  }

  /** Of the next message. */
  get endOffset(): number {
    return this.#endOffset;
  }

  append(message: Message, timeMs: number): void {
    let segment = this.#segments.at(-1)!;
    if (segment.bytes >= this.#retention.segmentBytes) {
      segment = { firstOffset: this.#endOffset, entries: [], bytes: 0 };
      this.#segments.push(segment);
      this.#dropOld(timeMs);
    }
    segment.entries.push({ offset: this.#endOffset++, message, timeMs });
    segment.bytes += message.body.length;
    this.#bytes += message.body.length;
  }

  /** The message at that offset, or the oldest one if that is gone; undefined where none has come yet. */
  at(offset: number): StreamEntry | undefined {
    const wanted = Math.max(offset, this.firstOffset);
    const segment = this.#segments.findLast(({ firstOffset }) => firstOffset <= wanted);
    return segment?.entries[wanted - segment.firstOffset];
  }

  /** Where messages of that time or later begin. */
  offsetAt(timeMs: number): number {
    for (const { entries } of this.#segments) {
      const found = entries.find((entry) => entry.timeMs >= timeMs);
      if (found !== undefined) return found.offset;
    }
    return this.#endOffset;
  }

  #dropOld(nowMs: number): void {
    const { maxLengthBytes = Infinity, maxAgeMs = Infinity } = this.#retention;
    while (this.#segments.length > 1) {
      const oldest = this.#segments[0]!;
      const ageMs = nowMs - (oldest.entries.at(-1)?.timeMs ?? nowMs);
      if (this.#bytes <= maxLengthBytes && ageMs <= maxAgeMs) return;
      this.#segments.shift();
      this.#bytes -= oldest.bytes;
    }
  }
}
