import type { Confirmation } from "@warren/message";
import type { Log } from "../log.ts";
import type { ByteOutput } from "../output/byte-output.ts";
import { escapeJson } from "../terminal.ts";
import type { FailedFile } from "./failed-file.ts";
import { fateOf } from "./fate.ts";
import type { Settled } from "./publish-all.ts";
import { PublishSummary } from "./publish-summary.ts";

/** So many failures are told one by one; the rest is counted. */
const toldFailures = 3;

export interface OutcomeReportOptions {
  readonly form: "text" | "ndjson" | "json";
  readonly output: ByteOutput;
  readonly log: Log;
  readonly failedFile: FailedFile | undefined;
}

/** Tells what became of each message, in every place that wants to know: terminal, stdout, the file of failures. */
export class OutcomeReport {
  readonly summary: PublishSummary = new PublishSummary();
  readonly #options: OutcomeReportOptions;
  readonly #startedAt = performance.now();

  constructor(options: OutcomeReportOptions) {
    this.#options = options;
  }

  /** Resolves when the failure is on disk and the line is out. */
  async settled(result: Settled): Promise<void> {
    const { summary } = this;
    const { log, failedFile, form, output } = this.#options;
    const { seq, confirmation } = result;
    summary.add(confirmation);
    log.progress(() => `${summary.settled} published, ${summary.failed} failed`);
    if (confirmation.status !== "confirmed") {
      if (summary.failed <= toldFailures) log.warn(failureText(result));
      await failedFile?.add(result);
    }
    if (form !== "ndjson") return;
    const line = { v: 1, seq, messageId: confirmation.messageId, ...fateOf(confirmation) };
    await output.write(Buffer.from(`${escapeJson(JSON.stringify(line))}\n`));
  }

  async end(): Promise<void> {
    const { log, form, output, failedFile } = this.#options;
    const seconds = (performance.now() - this.#startedAt) / 1_000;
    await failedFile?.close();
    log.summary(this.summary.text(seconds));
    if (form === "json") await output.write(Buffer.from(`${JSON.stringify(this.summary.report(seconds))}\n`));
  }
}

function failureText({ seq, message, confirmation }: Settled): string {
  const { exchange, routingKey } = message.publishing;
  const where = exchange === "" ? `the queue "${routingKey}"` : `"${exchange}" with the key "${routingKey}"`;
  return `message ${seq} to ${where}: ${reason(confirmation)}`;
}

function reason(confirmation: Confirmation): string {
  switch (confirmation.status) {
    case "confirmed":
      return "confirmed";
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
