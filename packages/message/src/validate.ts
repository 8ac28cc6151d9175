import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { AnyMessage } from "./define-message.ts";
import { DeliveryError, type ErrorDetails, WarrenError } from "./errors.ts";
import type { ErrorCode } from "./error-codes.ts";

/** The schema's output, or what is wrong, one line an issue: `lines[2].price: expected a number`. */
export type Validation = { readonly value: unknown } | { readonly issues: readonly string[] };

/** Runs the message's schema; a promise only when the schema itself is asynchronous. What the schema throws, this throws. */
export function validate(message: AnyMessage, payload: unknown): Validation | Promise<Validation> {
  const result = message.schema["~standard"].validate(payload);
  return "then" in result ? Promise.resolve(result).then(toValidation) : toValidation(result);
}

function toValidation(result: StandardSchemaV1.Result<unknown>): Validation {
  return result.issues === undefined ? { value: result.value } : { issues: result.issues.map(describe) };
}

function describe(issue: StandardSchemaV1.Issue): string {
  const path = (issue.path ?? []).map((part) => (typeof part === "object" ? part.key : part));
  const text = path.reduce<string>(
    (before, key) =>
      typeof key === "number"
        ? `${before}[${key}]`
        : before === ""
          ? String(key)
          : `${before}.${String(key)}`,
    "",
  );
  return text === "" ? issue.message : `${text}: ${issue.message}`;
}

/** Bounds what a hostile payload can write into logs and dead letters: some validators quote the payload's own keys. */
const maxIssueLength = 300;

/** The error for a payload that fails its schema: a DeliveryError for SCHEMA_FAILED. At most ten issues are shown. */
export function schemaError(
  code: ErrorCode,
  message: AnyMessage,
  issues: readonly string[],
  details: ErrorDetails = {},
): WarrenError {
  const shown = issues.slice(0, 10).map(shorten);
  const more = issues.length > shown.length ? ` (and ${issues.length - shown.length} more)` : "";
  const Type = code === "SCHEMA_FAILED" ? DeliveryError : WarrenError;
  return new Type(code, `the payload of "${message.type}" fails its schema: ${shown.join("; ")}${more}`, {
    ...details,
    context: { type: message.type, issues: shown },
  });
}

function shorten(issue: string): string {
  return issue.length > maxIssueLength ? `${issue.slice(0, maxIssueLength)}…` : issue;
}
