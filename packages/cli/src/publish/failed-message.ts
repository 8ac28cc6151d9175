import type { Confirmation } from "@warren/message";
import type { ExitCode } from "../exit-code.ts";
import { type FailureReport, reportOf } from "../failure.ts";
import type { Settled } from "./publish-all.ts";

type Failed = Exclude<Confirmation, { readonly status: "confirmed" }>;

/** A message that was not confirmed, as any other error is told: place in the table of exit codes, words, way out. */
export function failedMessage({ seq, message }: Settled, confirmation: Failed): Omit<FailureReport, "cause"> {
  const { exchange, routingKey } = message.publishing;
  const where = exchange === "" ? `the queue "${routingKey}"` : `"${exchange}" with the key "${routingKey}"`;
  const { code, exit } = codeOf(confirmation);
  const hint = hintOf(confirmation, exchange);
  return {
    code,
    exit,
    message: `message ${seq} to ${where}: ${reason(confirmation)}`,
    ...(hint === undefined ? {} : { hint }),
  };
}

/** What this one failure alone makes `publish` exit with, and its code. */
export function codeOf(confirmation: Failed): { readonly code: string; readonly exit: ExitCode } {
  switch (confirmation.status) {
    case "returned":
      return { code: "PUBLISH_RETURNED", exit: 4 };
    case "nacked":
      return { code: "PUBLISH_NACKED", exit: 5 };
    case "timed-out":
      // A message that was never written to a socket is certainly not stored.
      return { code: "PUBLISH_TIMEOUT", exit: confirmation.stored === "maybe" ? 6 : 75 };
    case "unknown":
      return { code: "PUBLISH_UNKNOWN", exit: 6 };
    case "refused":
      return reportOf(confirmation.error);
  }
}

function reason(confirmation: Failed): string {
  switch (confirmation.status) {
    case "returned":
      return `returned, no queue takes it (${confirmation.replyCode} ${confirmation.replyText})`;
    case "nacked":
      return "nacked, a queue refused it (is it full?)";
    case "timed-out":
      return `no confirm after ${confirmation.afterMs} ms; ${confirmation.stored === "no" ? "it was not sent" : "it may be stored"}`;
    case "refused":
    case "unknown":
      return confirmation.error.sentence;
  }
}

function hintOf(confirmation: Failed, exchange: string): string | undefined {
  if (confirmation.status === "refused") return reportOf(confirmation.error).hint;
  if (confirmation.status !== "returned") return undefined;
  return exchange === ""
    ? "Does the queue exist? Publishing creates none; check the name and --vhost."
    : "Is a queue bound to the exchange for this key?";
}
