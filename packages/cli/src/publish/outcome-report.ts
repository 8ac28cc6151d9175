import type { ExitCode } from "../exit-code.ts";
import { Failure, type FailureReport } from "../failure.ts";
import type { Log } from "../log.ts";
import type { ByteOutput } from "../output/byte-output.ts";
import { escapeJson } from "../terminal.ts";
import type { FailedFile } from "./failed-file.ts";
import { failedMessage } from "./failed-message.ts";
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
  /** The failures are told once, at the end, by {@link OutcomeReport.failure}. */
  readonly jsonErrors: boolean;
}

/** Tells what became of each message, in every place that wants to know: terminal, stdout, the file of failures. */
export class OutcomeReport {
  readonly summary: PublishSummary = new PublishSummary();
  readonly #options: OutcomeReportOptions;
  /** The first failure of each exit code. */
  readonly #first = new Map<ExitCode, Omit<FailureReport, "cause">>();
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
      this.#tell(failedMessage(result, confirmation));
      await failedFile?.add(result);
    }
    if (form !== "ndjson") return;
    const line = { v: 1, seq, messageId: confirmation.messageId, ...fateOf(confirmation) };
    await output.write(Buffer.from(`${escapeJson(JSON.stringify(line))}\n`));
  }

  async end(): Promise<void> {
    const { log, form, output, failedFile, jsonErrors } = this.#options;
    const { failed } = this.summary;
    if (failed > toldFailures && !jsonErrors) log.error(`${failed - toldFailures} more failed`);
    const seconds = (performance.now() - this.#startedAt) / 1_000;
    await failedFile?.close();
    log.summary(this.summary.text(seconds));
    if (form === "json") await output.write(Buffer.from(`${JSON.stringify(this.summary.report(seconds))}\n`));
  }

  /** All failures as one error: the first of those that make the exit code, and how many there were. */
  failure(exit: ExitCode): Failure {
    const { failed, settled, worst } = this.summary;
    const { code, message, hint } = this.#first.get(worst ?? 1) ?? { code: "INTERNAL", message: "" };
    const words = settled === 1 ? message : `${failed} of ${settled} failed; ${message}`;
    return new Failure(exit, words, { code, ...(hint === undefined ? {} : { hint }) });
  }

  #tell(report: Omit<FailureReport, "cause">): void {
    const { exit, message, hint } = report;
    const { log, jsonErrors } = this.#options;
    const known = this.#first.has(exit);
    if (!known) this.#first.set(exit, report);
    if (jsonErrors || this.summary.failed > toldFailures) return;
    log.error(known || hint === undefined ? message : `${message}\n${hint}`);
  }
}
