import type { Scenario } from "../scenarios.ts";

/** What one child process is told to do, once. Travels to it as JSON. */
export interface Task {
  readonly scenario: Scenario;
  readonly contender: string;
  readonly url: string;
  readonly queue: string;
  readonly seed: number;
}

/** What it answers. */
export interface Measurement {
  readonly messagesPerSecond: number;
  /** User and system time of the whole process, divided by the messages measured. */
  readonly cpuMicrosPerMessage: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly peakRssBytes: number;
  /** Promises settled, or messages handled, warm-up included. The parent compares it with the broker's count. */
  readonly doneCount: number;
}
