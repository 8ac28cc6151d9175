import { AmqpError } from "../amqp-error.ts";
import { hasLoneSurrogates, textOfBytes } from "./byte-text.ts";

/** Thrown where bytes end too early or mean nothing; whoever knows what was read makes an AmqpError of it. */
export const malformed: Error = new Error("malformed AMQP data");

const twoTo32 = 2 ** 32;
const largestLonglong = 2 ** 64 - 2 ** 11;

/** Reads AMQP's elementary types one after another. Never beyond the bytes it was given. */
export class WireReader {
  readonly #bytes: Buffer;
  #at: number;
  #end: number;

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = bytes.length;
  }

  get ended(): boolean {
    return this.#at === this.#end;
  }

  octet(): number {
    return this.#bytes[this.#take(1)]!;
  }

  short(): number {
    const at = this.#take(2);
    return this.#bytes[at]! * 256 + this.#bytes[at + 1]!;
  }

  long(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }

  /** Exact up to 2^53. What rounds to 2^64 becomes the number before it, so that every one can be written again. */
  longlong(): number {
    return Math.min(this.long() * twoTo32 + this.long(), largestLonglong);
  }

  uint64(): bigint {
    return this.#bytes.readBigUInt64BE(this.#take(8));
  }

  int8(): number {
    return this.#bytes.readInt8(this.#take(1));
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#take(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#take(4));
  }

  int64(): bigint {
    return this.#bytes.readBigInt64BE(this.#take(8));
  }

  /** Finite, as RabbitMQ wants its floats. */
  float(): number {
    return finite(this.#bytes.readFloatBE(this.#take(4)));
  }

  double(): number {
    return finite(this.#bytes.readDoubleBE(this.#take(8)));
  }

  /** Any bytes, see `byte-text.ts`. */
  shortstr(): string {
    const length = this.octet();
    const at = this.#take(length);
    return length === 0 ? "" : textOfBytes(this.#bytes, at, at + length);
  }

  /** A short string that has to be UTF-8. */
  name(): string {
    const text = this.shortstr();
    if (hasLoneSurrogates(text)) throw new AmqpError(501, "Malformed UTF-8 in shortstr");
    return text;
  }

  /** A view, no copy. */
  longstr(): Buffer {
    return this.view(this.long());
  }

  view(length: number): Buffer {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  /** From here on only the next `length` bytes count, until {@link leave} gets back what this returned. */
  enter(length: number): number {
    const outer = this.#end;
    if (outer - this.#at < length) throw malformed;
    this.#end = this.#at + length;
    return outer;
  }

  leave(outer: number): void {
    this.#end = outer;
  }

  #take(length: number): number {
    const at = this.#at;
    if (this.#end - at < length) throw malformed;
    this.#at = at + length;
    return at;
  }
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw malformed;
  return value;
}
