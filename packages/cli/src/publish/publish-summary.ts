import type { Confirmation } from "@warren/message";
import type { ExitCode } from "../exit-code.ts";
import { Latencies } from "../units/latencies.ts";
import { codeOf } from "./failed-message.ts";

/** The shape of `publish -o json`, version 1. */
export interface PublishReport {
  readonly v: 1;
  readonly published: number;
  readonly outcomes: Readonly<Record<Confirmation["status"], number>>;
  readonly seconds: number;
  readonly perSecond: number;
  readonly confirmP50Ms?: number;
  readonly confirmP99Ms?: number;
}

/** Counts outcomes; at the end it knows the exit code and what to say. */
export class PublishSummary {
  readonly #outcomes = { confirmed: 0, returned: 0, nacked: 0, refused: 0, "timed-out": 0, unknown: 0 };
  readonly #latencies = new Latencies();
  /** What the failures would exit with one by one, in the order in which they came. */
  readonly #exits = new Set<ExitCode>();

  add(confirmation: Confirmation): void {
    this.#outcomes[confirmation.status]++;
    if (confirmation.status === "confirmed") this.#latencies.add(confirmation.latencyMs);
    else this.#exits.add(codeOf(confirmation).exit);
  }

  get settled(): number {
    return Object.values(this.#outcomes).reduce((sum, count) => sum + count, 0);
  }

  get failed(): number {
    return this.settled - this.#outcomes.confirmed;
  }

  /** An unknown fate weighs more than a nack, a nack more than a return, a return more than the first refusal. */
  get worst(): ExitCode | undefined {
    return ([6, 5, 4] as const).find((exit) => this.#exits.has(exit)) ?? [...this.#exits][0];
  }

  exitCode(options: { readonly partialOk: boolean }): ExitCode {
    if (this.failed === 0) return 0;
    if (options.partialOk && this.#outcomes.confirmed > 0) return 3;
    return this.worst ?? 1;
  }

  report(seconds: number): PublishReport {
    const p50 = this.#latencies.percentileMs(0.5);
    const p99 = this.#latencies.percentileMs(0.99);
    return {
      v: 1,
      published: this.settled,
      outcomes: { ...this.#outcomes },
      seconds: Number(seconds.toFixed(3)),
      perSecond: seconds > 0 ? Math.round(this.settled / seconds) : 0,
      ...(p50 === undefined || p99 === undefined ? {} : { confirmP50Ms: p50, confirmP99Ms: p99 }),
    };
  }

  /** One line for a person. */
  text(seconds: number): string {
    const report = this.report(seconds);
    const counts = Object.entries(report.outcomes)
      .filter(([status, count]) => count > 0 || status === "confirmed")
      .map(([status, count]) => `${count} ${status}`)
      .join(", ");
    const latency =
      report.confirmP50Ms === undefined
        ? ""
        : `, confirm p50 ${report.confirmP50Ms} ms, p99 ${report.confirmP99Ms ?? 0} ms`;
    return `${report.published} published: ${counts}; ${report.seconds} s, ${report.perSecond}/s${latency}`;
  }
}
