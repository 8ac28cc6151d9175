/**
 * A header value that AMQP can carry. Most come back as what they were; a Date loses its fraction of a second and
 * cannot lie before 1970, and a bigint or typed number comes back as a plain number.
 */
export type HeaderValue =
  | string
  | number
  | boolean
  | null
  | bigint
  | Date
  | Uint8Array
  | TypedHeader
  | DecimalHeader
  | readonly HeaderValue[]
  | { readonly [name: string]: HeaderValue };

export type Headers = Readonly<Record<string, HeaderValue>>;

/** A number with a width of its own choosing, for consumers in other languages; see {@link typedHeader}. */
export interface TypedHeader {
  readonly headerType: "byte" | "short" | "int" | "int64" | "float" | "double";
  readonly value: number;
}

/** An exact decimal fraction; see {@link decimalHeader}. */
export interface DecimalHeader {
  readonly headerType: "decimal";
  readonly value: {
    /** 0 to 255. */
    readonly places: number;
    /** 0 to 2^32 - 1: AMQP has no negative decimals. */
    readonly digits: number;
  };
}

const typed = Symbol.for("warren.typed-header");

/** A header number with a fixed AMQP type. Without it a whole number takes the smallest that fits, any other a double. */
export function typedHeader(headerType: TypedHeader["headerType"], value: number): TypedHeader {
  return branded({ headerType, value });
}

/** `digits` shifted right by `places`: 1234 with 2 places is 12.34. */
export function decimalHeader(value: DecimalHeader["value"]): DecimalHeader {
  return branded({ headerType: "decimal", value });
}

export function isTypedHeader(value: unknown): value is TypedHeader {
  return isBranded(value) && value.headerType !== "decimal";
}

export function isDecimalHeader(value: unknown): value is DecimalHeader {
  return isBranded(value) && value.headerType === "decimal";
}

/** The brand cannot be written in JSON or arrive from the wire. */
function branded<Header extends object>(header: Header): Header {
  return Object.defineProperty(header, typed, { value: true });
}

function isBranded(value: unknown): value is TypedHeader | DecimalHeader {
  return typeof value === "object" && value !== null && (value as { [typed]?: boolean })[typed] === true;
}

/**
 * Limits on headers in both directions. amqplib refuses a table of 64 KiB or more, and nested tables a few thousand
 * levels deep overflow the stack of clients that decode them recursively. 48 KiB leave room for the 8 KiB that a
 * dead letter says about its failure, so that a message which can be sent can also be moved.
 */
export const headerLimits: {
  readonly maxBytes: number;
  readonly maxDepth: number;
  readonly maxNameBytes: number;
} = Object.freeze({ maxBytes: 49_152, maxDepth: 32, maxNameBytes: 255 });
