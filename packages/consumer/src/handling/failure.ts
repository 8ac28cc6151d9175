import { type ErrorCode, WarrenError } from "@warren/message";

/** Why a delivery is retried or dead-lettered, as its headers tell it. */
export interface Failure {
  readonly code: ErrorCode;
  readonly reason: string;
  readonly error?: unknown;
}

/** Of what has no code of its own: it failed, or the handler decided so. */
type FailureCode = "HANDLER_FAILED" | "HANDLER_REJECTED";

/** What was thrown, whatever it is. */
export function failureOf(thrown: unknown, code: FailureCode = "HANDLER_FAILED"): Failure {
  try {
    return told(thrown, code);
  } catch {
    return { code, reason: "the handler threw something whose message cannot be read" };
  }
}

/**
 * A reason that the handler gave; the error beside it, when there is one, has the stack, and the better code if it is
 * one of Warren's.
 */
export function failureFor(reason: string, error: unknown, code: FailureCode): Failure {
  // Only without the compiler is it no text.
  const given = typeof reason === "string" ? reason : undefined;
  if (error === undefined) return { code, reason: given ?? "the handler gave no reason in words" };
  const failure = failureOf(error, code);
  return given === undefined ? failure : { ...failure, reason: given };
}

/** The stack as a text, where there is one. */
export function stackOf({ error }: Failure): string | undefined {
  try {
    const stack: unknown = error instanceof Error ? error.stack : undefined;
    return typeof stack === "string" ? stack : undefined;
  } catch {
    return undefined;
  }
}

/** @throws whatever an odd error throws when it is looked at. */
function told(thrown: unknown, code: FailureCode): Failure {
  if (thrown instanceof WarrenError) return { code: thrown.code, reason: thrown.sentence, error: thrown };
  if (thrown instanceof Error) {
    const name = thrown.name === "Error" ? "" : `${thrown.name}: `;
    return { code, reason: `${name}${thrown.message}`, error: thrown };
  }
  return { code, reason: `the handler threw ${describe(thrown)}`, error: thrown };
}

function describe(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "object" ? "an object" : `something of the type ${typeof value}`;
}
