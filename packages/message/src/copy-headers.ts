import {
  type DecimalHeader,
  type Headers,
  type HeaderValue,
  headerLimits,
  isDecimalHeader,
  isTypedHeader,
  type TypedHeader,
} from "./headers.ts";

/** Headers that are safe to read and to send on, and what the others were refused for. */
export interface HeaderCopy {
  readonly headers: Headers;
  /** The first thing that could not be taken over, with its path. Its header is missing from `headers`. */
  readonly problem: string | undefined;
  /** About what they take on the wire, as {@link headerLimits} counts. */
  readonly bytes: number;
}

/** Turns an object of the AMQP library's own, such as a timestamp, into a header value, which is then checked like any other; undefined when it is none. */
export type HeaderConversion = (value: object) => HeaderValue | undefined;

/**
 * A deep copy with own keys only and without prototypes, within {@link headerLimits}. It is what stands between the
 * wire and user code and between user code and the wire. Never throws: a header that breaks a rule is left
 * out whole, so that a delivery with a bad header can still be moved to its dead-letter queue.
 */
export function copyHeaders(headers: unknown, convert: HeaderConversion = () => undefined): HeaderCopy {
  const copy = emptyTable();
  if (headers === undefined || headers === null) return { headers: copy, problem: undefined, bytes: 0 };
  if (!isTable(headers)) return { headers: copy, problem: "headers are not an object", bytes: 0 };
  let problem: string | undefined;
  let bytesLeft = headerLimits.maxBytes;
  for (const name of Object.keys(headers)) {
    const walk = new Walk(convert, bytesLeft);
    try {
      copy[name] = walk.entry(headers, name, "headers", 1);
      bytesLeft = walk.bytesLeft;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      problem ??= error.message;
    }
  }
  return { headers: copy, problem, bytes: headerLimits.maxBytes - bytesLeft };
}

/** The first thing about these headers that cannot be sent, with its path, or nothing. */
export function headerProblem(headers: Headers): string | undefined {
  return copyHeaders(headers).problem;
}

class Refusal extends Error {}

const ranges: Readonly<Record<TypedHeader["headerType"], readonly [number, number] | undefined>> = {
  byte: [-128, 127],
  short: [-32_768, 32_767],
  int: [-(2 ** 31), 2 ** 31 - 1],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  float: undefined,
  double: undefined,
};

/** The copying of one header. Ends at the first problem, so that a cycle cannot multiply before a limit is seen. */
class Walk {
  bytesLeft: number;
  readonly #convert: HeaderConversion;

  constructor(convert: HeaderConversion, bytesLeft: number) {
    this.#convert = convert;
    this.bytesLeft = bytesLeft;
  }

  entry(table: Readonly<Record<string, unknown>>, name: string, path: string, depth: number): HeaderValue {
    const nameBytes = Buffer.byteLength(name);
    if (nameBytes > headerLimits.maxNameBytes)
      refuse(path, `has a name of ${nameBytes} bytes, 255 is the limit`);
    if (depth > 1 && name === "!") refuse(path, 'has a key "!", which amqplib reads as a type');
    this.#spend(nameBytes + 2);
    return this.#value(table[name], path + step(name), depth);
  }

  #value(value: unknown, path: string, depth: number): HeaderValue {
    this.#spend(9);
    switch (typeof value) {
      case "string":
        this.#spend(Buffer.byteLength(value));
        return value;
      case "boolean":
        return value;
      case "number":
        return Number.isFinite(value) ? value : refuse(path, `is ${value}, which AMQP cannot carry`);
      case "bigint":
        if (value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) return value;
        return refuse(path, "is beyond 2^53, which amqplib cannot carry exactly; send it as a text");
      case "object":
        return value === null ? null : this.#object(value, path, depth);
      default:
        return refuse(
          path,
          `is ${value === undefined ? "undefined" : `a ${typeof value}`}, which AMQP cannot carry`,
        );
    }
  }

  #object(value: object, path: string, depth: number): HeaderValue {
    const converted = this.#convert(value);
    if (converted === undefined) return this.#plainObject(value, path, depth);
    return typeof converted === "object" && converted !== null
      ? this.#plainObject(converted, path, depth)
      : this.#value(converted, path, depth);
  }

  #plainObject(value: object, path: string, depth: number): HeaderValue {
    if (value instanceof Date) return date(value, path);
    if (value instanceof Uint8Array) {
      this.#spend(value.byteLength);
      return value;
    }
    if (isTypedHeader(value)) return typedNumber(value, path);
    if (isDecimalHeader(value)) return decimal(value, path);
    if (depth >= headerLimits.maxDepth) refuse(path, `is nested deeper than ${headerLimits.maxDepth} levels`);
    if (Array.isArray(value))
      return Array.from(value, (item, index) => this.#value(item, `${path}[${index}]`, depth + 1));
    if (!isTable(value)) return refuse(path, `is a ${kind(value)}, which AMQP cannot carry`);
    const copy = emptyTable();
    for (const name of Object.keys(value)) copy[name] = this.entry(value, name, path, depth + 1);
    return copy;
  }

  #spend(bytes: number): void {
    this.bytesLeft -= bytes;
    if (this.bytesLeft < 0) throw new Refusal(`headers are larger than ${headerLimits.maxBytes} bytes`);
  }
}

function date(value: Date, path: string): Date {
  const ms = value.getTime();
  if (Number.isNaN(ms)) refuse(path, "is an invalid date");
  return ms < 0 ? refuse(path, "is a date before 1970, which AMQP cannot carry") : new Date(ms);
}

function typedNumber(header: TypedHeader, path: string): TypedHeader {
  const { headerType, value } = header;
  if (!Object.hasOwn(ranges, headerType)) refuse(path, `has the unknown type "${headerType}"`);
  const range = ranges[headerType];
  const rounded = headerType === "float" ? Math.fround(value) : value;
  const fits =
    range === undefined ? Number.isFinite(rounded) : Number.isInteger(value) && within(value, range);
  return fits ? header : refuse(path, `does not fit the type ${headerType}`);
}

function decimal(header: DecimalHeader, path: string): DecimalHeader {
  const { places, digits } = (header.value ?? {}) as Partial<DecimalHeader["value"]>;
  const whole = Number.isInteger(places) && Number.isInteger(digits);
  const fits = whole && within(places!, [0, 255]) && within(digits!, [0, 2 ** 32 - 1]);
  return fits ? header : refuse(path, "does not fit the type decimal");
}

function within(value: number, [least, most]: readonly [number, number]): boolean {
  return value >= least && value <= most;
}

/** Any object literal, whatever its prototype: amqplib lets the wire choose that. Not a Map, a Promise or a RegExp. */
function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && kind(value) === "Object";
}

function kind(value: object): string {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}

function emptyTable(): Record<string, HeaderValue> {
  return Object.create(null) as Record<string, HeaderValue>;
}

/** Names come from the wire: what is not a plain word stands quoted in a message. */
function step(name: string): string {
  return /^[\w-]+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

function refuse(path: string, reason: string): never {
  throw new Refusal(`${path.length > 120 ? `${path.slice(0, 120)}…` : path} ${reason}`);
}
