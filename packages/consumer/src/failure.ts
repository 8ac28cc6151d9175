import { type ErrorCode, WarrenError } from "@warren/message";

/** Why a delivery is retried or dead-lettered, as its headers tell it. */
export interface Failure {
  readonly code: ErrorCode;
  readonly reason: string;
  readonly error?: unknown;
}

/** What was thrown, whatever it is. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof WarrenError) return { code: thrown.code, reason: thrown.sentence, error: thrown };
  if (thrown instanceof Error) {
    const name = thrown.name === "Error" ? "" : `${thrown.name}: `;
    return { code: "HANDLER_FAILED", reason: `${name}${thrown.message}`, error: thrown };
  }
  return { code: "HANDLER_FAILED", reason: `the handler threw ${describe(thrown)}`, error: thrown };
}

/** A reason that the handler gave; the error beside it, when there is one, has the better code and the stack. */
export function failureFor(reason: string, error: unknown): Failure {
  if (error === undefined) return { code: "HANDLER_FAILED", reason };
  return { ...failureOf(error), reason };
}

function describe(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "object" ? "an object" : `something of the type ${typeof value}`;
}
