/**
 * Where in a stream to begin: at its `first` message, with its `last` chunk, with what comes `next`, at a position, or
 * at the chunk that was written at that time.
 */
export type StreamOffset = "first" | "last" | "next" | number | Date;

/** A complaint, or nothing. */
export function streamOffsetProblem(value: unknown): string | undefined {
  const fine =
    value === "first" ||
    value === "last" ||
    value === "next" ||
    (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) ||
    (value instanceof Date && value.getTime() >= 0);
  return fine ? undefined : 'must be "first", "last", "next", a position from 0, or a Date';
}

/** As amqplib encodes it: a position is a 64-bit number, which a small one would not be by itself. */
export function streamOffsetArgument(offset: StreamOffset): unknown {
  if (offset instanceof Date) return { "!": "timestamp", value: Math.floor(offset.getTime() / 1000) };
  return typeof offset === "number" ? { "!": "int64", value: offset } : offset;
}

/** Remembers how far a stream was consumed, so that a new channel goes on there instead of where the first began. */
export class StreamPosition {
  readonly #begin: StreamOffset;
  #next: number | undefined;

  constructor(begin: StreamOffset) {
    this.#begin = begin;
  }

  arrived(offset: number | undefined): void {
    if (offset !== undefined && offset >= (this.#next ?? 0)) this.#next = offset + 1;
  }

  /** What was held when the channel was lost comes again. */
  lost(offsets: Iterable<number | undefined>): void {
    for (const offset of offsets)
      if (offset !== undefined && this.#next !== undefined && offset < this.#next) this.#next = offset;
  }

  get offset(): StreamOffset {
    return this.#next ?? this.#begin;
  }
}
