import { bytesOfText } from "./byte-text.ts";

const usualBytes = 4_096;
const keptBytes = 262_144;
const longestShortstr = 255;
const longestUtf8PerUnit = 3;

/** Writes AMQP's elementary types one after another into memory of its own, used again and again. */
export class WireWriter {
  #bytes: Buffer = Buffer.allocUnsafeSlow(usualBytes);
  #at = 0;

  /** Forgets what was written before, also what an error left there. */
  begin(): this {
    this.#at = 0;
    return this;
  }

  /** A copy of what was written since {@link begin}. */
  take(): Buffer {
    const bytes = Buffer.allocUnsafe(this.#at);
    this.#bytes.copy(bytes, 0, 0, this.#at);
    if (this.#bytes.length > keptBytes) this.#bytes = Buffer.allocUnsafeSlow(usualBytes);
    return bytes;
  }

  /** Leaves room for a number that is known later, see {@link patchLong}. */
  skipLong(): number {
    return this.#room(4);
  }

  patchLong(at: number, value: number): void {
    this.#bytes.writeUInt32BE(value, at);
  }

  get length(): number {
    return this.#at;
  }

  octet(value: number): void {
    if (!(value >= 0 && value <= 0xff)) throw outOfRange("octet", value);
    this.#bytes[this.#room(1)] = value;
  }

  short(value: number): void {
    if (!(value >= 0 && value <= 0xffff)) throw outOfRange("short", value);
    const at = this.#room(2);
    this.#bytes[at] = value >>> 8;
    this.#bytes[at + 1] = value;
  }

  long(value: number): void {
    this.#bytes.writeUInt32BE(value, this.#room(4));
  }

  longlong(value: number): void {
    if (!(value >= 0 && value < 2 ** 64)) throw outOfRange("longlong", value);
    this.long(Math.floor(value / 2 ** 32));
    this.long(value % 2 ** 32);
  }

  uint64(value: bigint): void {
    this.#bytes.writeBigUInt64BE(value, this.#room(8));
  }

  int8(value: number): void {
    this.#bytes.writeInt8(value, this.#room(1));
  }

  int16(value: number): void {
    this.#bytes.writeInt16BE(value, this.#room(2));
  }

  int32(value: number): void {
    this.#bytes.writeInt32BE(value, this.#room(4));
  }

  int64(value: bigint): void {
    this.#bytes.writeBigInt64BE(value, this.#room(8));
  }

  float(value: number): void {
    this.#bytes.writeFloatBE(finite(value), this.#room(4));
  }

  double(value: number): void {
    this.#bytes.writeDoubleBE(finite(value), this.#room(8));
  }

  /** At most 255 bytes of UTF-8. */
  shortstr(text: string): void {
    const start = this.#room(1 + longestShortstr * longestUtf8PerUnit);
    if (text.length > longestShortstr) throw tooLong(text);
    const length = this.#text(text, start + 1);
    if (length > longestShortstr) throw tooLong(text);
    this.#bytes[start] = length;
    this.#at = start + 1 + length;
  }

  longstr(bytes: Buffer): void {
    this.long(bytes.length);
    this.raw(bytes);
  }

  raw(bytes: Buffer): void {
    const at = this.#room(bytes.length);
    bytes.copy(this.#bytes, at);
  }

  /** Most names are short and ASCII: byte by byte they are written faster than by a call out of JavaScript. */
  #text(text: string, at: number): number {
    const bytes = this.#bytes;
    for (let index = 0; index < text.length; index += 1) {
      const unit = text.charCodeAt(index);
      if (unit > 0x7f) return bytesOfText(text).copy(bytes, at);
      bytes[at + index] = unit;
    }
    return text.length;
  }

  #room(length: number): number {
    const at = this.#at;
    this.#at = at + length;
    if (this.#at > this.#bytes.length) this.#grow();
    return at;
  }

  #grow(): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#at, this.#bytes.length * 2));
    this.#bytes.copy(larger);
    this.#bytes = larger;
  }
}

/** Encoding never waits and never nests: one writer does for all. */
export const sharedWriter: WireWriter = new WireWriter();

function outOfRange(type: string, value: number): RangeError {
  return new RangeError(`${value} is no ${type}`);
}

function tooLong(text: string): RangeError {
  return new RangeError(`more than 255 bytes for a short string: ${text.slice(0, 40)}…`);
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new RangeError(`RabbitMQ has no ${value} in a field table`);
  return value;
}
