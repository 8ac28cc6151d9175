import { type ErrorCode, WarrenError } from "@warren/message";

/** Why a delivery is retried or dead-lettered, as its headers tell it. */
export interface Failure {
  readonly code: ErrorCode;
  readonly reason: string;
  readonly error?: unknown;
}

const unreadable: Failure = {
  code: "HANDLER_FAILED",
  reason: "the handler threw something whose message cannot be read",
};

/** What was thrown, whatever it is. */
export function failureOf(thrown: unknown): Failure {
  try {
    return told(thrown);
  } catch {
    return unreadable;
  }
}

/**
 * A reason that the handler gave; the error beside it, when there is one, has the stack, and the better code if it is
 * one of Warren's.
 */
export function failureFor(
  reason: string,
  error: unknown,
  code: "HANDLER_FAILED" | "HANDLER_REJECTED",
): Failure {
  // Only without the compiler is it no text.
  const given = typeof reason === "string" ? reason : undefined;
  if (error === undefined) return { code, reason: given ?? "the handler gave no reason in words" };
  const failure = failureOf(error);
  return {
    ...failure,
    code: failure.code === "HANDLER_FAILED" ? code : failure.code,
    reason: given ?? failure.reason,
  };
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
function told(thrown: unknown): Failure {
  if (thrown instanceof WarrenError) return { code: thrown.code, reason: thrown.sentence, error: thrown };
  if (thrown instanceof Error) {
    const name = thrown.name === "Error" ? "" : `${thrown.name}: `;
    return { code: "HANDLER_FAILED", reason: `${name}${thrown.message}`, error: thrown };
  }
  return { code: "HANDLER_FAILED", reason: `the handler threw ${describe(thrown)}`, error: thrown };
}

function describe(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "object" ? "an object" : `something of the type ${typeof value}`;
}
