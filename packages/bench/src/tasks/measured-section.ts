import { percentile } from "../statistics.ts";
import type { Measurement } from "./measurement.ts";

/** Clock and CPU from the end of the warm-up to the last message. */
export class MeasuredSection {
  readonly #latenciesMs: Float64Array;
  #recorded = 0;
  #startedAt = 0;
  #cpuAtStart: NodeJS.CpuUsage = { user: 0, system: 0 };

  constructor(messages: number) {
    this.#latenciesMs = new Float64Array(messages);
  }

  start(): void {
    this.#cpuAtStart = process.cpuUsage();
    this.#startedAt = performance.now();
  }

  recordMs(latencyMs: number): void {
    this.#latenciesMs[this.#recorded] = latencyMs;
    this.#recorded += 1;
  }

  end(doneCount: number): Measurement {
    const cpu = process.cpuUsage(this.#cpuAtStart);
    const elapsedMs = performance.now() - this.#startedAt;
    const messages = this.#latenciesMs.length;
    const latenciesMs = this.#latenciesMs.subarray(0, this.#recorded);
    return {
      messagesPerSecond: (messages / elapsedMs) * 1000,
      cpuMicrosPerMessage: (cpu.user + cpu.system) / messages,
      p50Ms: percentile(latenciesMs, 0.5),
      p99Ms: percentile(latenciesMs, 0.99),
      peakRssBytes: process.resourceUsage().maxRSS * 1024,
      doneCount,
    };
  }
}
