/** A header value that AMQP can carry and that comes back as what it was. */
export type HeaderValue =
  | string
  | number
  | boolean
  | null
  | bigint
  | Date
  | Uint8Array
  | TypedHeader
  | readonly HeaderValue[]
  | { readonly [name: string]: HeaderValue };

export type Headers = Readonly<Record<string, HeaderValue>>;

/** A number with a width of its own choosing, for consumers in other languages; see {@link typedHeader}. */
export interface TypedHeader {
  readonly headerType: "byte" | "short" | "int" | "int64" | "float" | "double";
  readonly value: number;
}

const typed = Symbol("typed header");

/** A header number with a fixed AMQP type. Without it a whole number takes the smallest that fits, any other a double. */
export function typedHeader(headerType: TypedHeader["headerType"], value: number): TypedHeader {
  const header = { headerType, value };
  Object.defineProperty(header, typed, { value: true });
  return header;
}

export function isTypedHeader(value: unknown): value is TypedHeader {
  return typeof value === "object" && value !== null && (value as { [typed]?: boolean })[typed] === true;
}

/**
 * Limits on headers in both directions. amqplib refuses a table of 64 KiB or more, and nested tables a few thousand
 * levels deep overflow the stack of clients that decode them recursively.
 */
export const headerLimits: {
  readonly maxBytes: number;
  readonly maxDepth: number;
  readonly maxNameBytes: number;
} = Object.freeze({ maxBytes: 60_000, maxDepth: 32, maxNameBytes: 255 });

const widths: Readonly<Record<string, readonly [number, number]>> = {
  byte: [-128, 127],
  short: [-32_768, 32_767],
  int: [-(2 ** 31), 2 ** 31 - 1],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
};

/** The first thing about these headers that cannot be sent, with its path, or nothing. */
export function headerProblem(headers: Headers): string | undefined {
  const bytes = { left: headerLimits.maxBytes };
  const problem = tableProblem(headers, "headers", 1, bytes);
  if (problem !== undefined) return problem;
  return bytes.left < 0 ? `headers are larger than ${headerLimits.maxBytes} bytes` : undefined;
}

function tableProblem(
  table: object,
  path: string,
  depth: number,
  bytes: { left: number },
): string | undefined {
  if (depth > headerLimits.maxDepth)
    return `${path.slice(0, 80)}… is nested deeper than ${headerLimits.maxDepth} levels`;
  for (const name of Object.keys(table)) {
    const nameBytes = Buffer.byteLength(name);
    if (nameBytes > headerLimits.maxNameBytes)
      return `${path} has a name of ${nameBytes} bytes, 255 is the limit`;
    if (depth > 1 && name === "!") return `${path}["!"] is not allowed: amqplib reads it as a type`;
    bytes.left -= nameBytes + 2;
    const problem = valueProblem((table as Record<string, unknown>)[name], `${path}.${name}`, depth, bytes);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function valueProblem(
  value: unknown,
  path: string,
  depth: number,
  bytes: { left: number },
): string | undefined {
  bytes.left -= 9;
  switch (typeof value) {
    case "string":
      bytes.left -= Buffer.byteLength(value);
      return undefined;
    case "boolean":
      return undefined;
    case "number":
      return Number.isFinite(value) ? undefined : `${path} is ${value}, which AMQP cannot carry`;
    case "bigint":
      return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
        ? undefined
        : `${path} is beyond 2^53, which amqplib cannot encode exactly; send it as a text`;
    case "object":
      return value === null ? undefined : objectProblem(value, path, depth, bytes);
    default:
      return `${path} is ${typeof value === "undefined" ? "undefined" : `a ${typeof value}`}, which AMQP cannot carry`;
  }
}

function objectProblem(
  value: object,
  path: string,
  depth: number,
  bytes: { left: number },
): string | undefined {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? `${path} is an invalid date` : undefined;
  if (value instanceof Uint8Array) {
    bytes.left -= value.byteLength;
    return undefined;
  }
  if (isTypedHeader(value)) {
    const width = widths[value.headerType];
    if (width === undefined)
      return Number.isFinite(value.value) ? undefined : `${path} is ${value.value}, which AMQP cannot carry`;
    const fits = Number.isInteger(value.value) && value.value >= width[0] && value.value <= width[1];
    return fits ? undefined : `${path} does not fit the type ${value.headerType}`;
  }
  if (!Array.isArray(value)) return tableProblem(value, path, depth + 1, bytes);
  if (depth >= headerLimits.maxDepth)
    return `${path.slice(0, 80)}… is nested deeper than ${headerLimits.maxDepth} levels`;
  for (const [index, item] of value.entries()) {
    const problem = valueProblem(item, `${path}[${index}]`, depth + 1, bytes);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
