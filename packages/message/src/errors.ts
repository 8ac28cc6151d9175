import type { ErrorCode } from "./error-codes.ts";
import type { Confirmation } from "./confirmation.ts";

const brand = Symbol.for("warren.error");

/** Plain data about what failed: names, codes, sizes. Never a password, a body or a socket. */
export type ErrorContext = Readonly<Record<string, unknown>>;

export interface ErrorDetails {
  readonly cause?: unknown;
  readonly context?: ErrorContext;
}

/**
 * The base of everything Warren throws. Tell errors apart by `code`, never by their text: every code has a
 * section in `docs/errors.md` with its meaning, its usual cause and what to do.
 *
 * `instanceof` also holds for an error that was made by another installed copy of this package. It compares class
 * names, written out in each class because a minifier would give two copies different ones.
 */
export class WarrenError extends Error {
  static override readonly name: string = "WarrenError";
  readonly code: ErrorCode;
  declare readonly context: ErrorContext;

  constructor(code: ErrorCode, sentence: string, details: ErrorDetails = {}) {
    super(`[${code}] ${sentence}`, details.cause === undefined ? undefined : { cause: details.cause });
    const context = Object.freeze({ ...details.context });
    this.code = code;
    Object.defineProperties(this, {
      name: { value: new.target.name, configurable: true, writable: true },
      // Shown by util.inspect only when it says something.
      context: { value: context, enumerable: Object.keys(context).length > 0 },
      [brand]: { value: lineage(new.target) },
    });
  }

  /** The message without its `[CODE]`. */
  get sentence(): string {
    return this.message.slice(this.code.length + "[] ".length);
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (typeof value !== "object" || value === null) return false;
    const names = (value as { [brand]?: readonly string[] })[brand];
    return Array.isArray(names) && names.includes(this.name);
  }
}

/** The class names from `WarrenError` down to `type`: what `instanceof` compares across installed copies. */
function lineage(type: typeof WarrenError): readonly string[] {
  const names: string[] = [];
  for (let each = type; each.name && each !== (Error as unknown); each = Object.getPrototypeOf(each))
    names.push(each.name);
  return names;
}

/** One problem as it is; of several one a line. */
export function problemList(problems: readonly string[]): string {
  return problems.length === 1
    ? problems[0]!
    : `${problems.length} problems:\n  - ${problems.join("\n  - ")}`;
}

/** Something in the program is wrong: an option, a URL, a topology, a message definition. Lists every problem at once. */
export class ConfigError extends WarrenError {
  static override readonly name: string = "ConfigError";
  declare readonly problems: readonly string[];

  constructor(code: ErrorCode, problems: string | readonly string[], details: ErrorDetails = {}) {
    const list = Object.freeze(typeof problems === "string" ? [problems] : [...problems]);
    super(code, problemList(list), details);
    // The message lists them already.
    Object.defineProperty(this, "problems", { value: list });
  }
}

/** The connection could not be made, was lost, or is closed. */
export class ConnectionError extends WarrenError {
  static override readonly name: string = "ConnectionError";
}

export interface BrokerErrorDetails extends ErrorDetails {
  /** AMQP reply code, e.g. 404. */
  readonly replyCode: number;
  /** The broker's own words. */
  readonly replyText: string;
  /** The method that was refused, e.g. `queue.declare`. */
  readonly method?: string;
  /** What the broker closed because of it. */
  readonly scope: "channel" | "connection";
}

/** The broker refused an operation and closed the channel or the connection because of it. */
export class BrokerError extends WarrenError {
  static override readonly name: string = "BrokerError";
  readonly replyCode: number;
  readonly replyText: string;
  readonly method: string | undefined;
  readonly scope: "channel" | "connection";

  constructor(code: ErrorCode, sentence: string, details: BrokerErrorDetails) {
    super(code, sentence, details);
    this.replyCode = details.replyCode;
    this.replyText = details.replyText;
    this.method = details.method;
    this.scope = details.scope;
  }
}

/** A publish that did not end in a confirm. `outcome` is the same value that `publishAll` gives for an item. */
export class PublishError extends WarrenError {
  static override readonly name: string = "PublishError";
  declare readonly outcome: Exclude<Confirmation, { readonly status: "confirmed" }>;

  constructor(
    code: ErrorCode,
    sentence: string,
    outcome: Exclude<Confirmation, { readonly status: "confirmed" }>,
    details: ErrorDetails = {},
  ) {
    super(code, sentence, details);
    // An error in it is the cause too, which util.inspect shows by itself.
    Object.defineProperty(this, "outcome", { value: outcome, enumerable: !("error" in outcome) });
  }
}

/** A delivery that could not be decoded, handled or settled. */
export class DeliveryError extends WarrenError {
  static override readonly name: string = "DeliveryError";
}
