import type { OverloadScenario, Scenario } from "../scenarios.ts";

/** What one child process is told to do, once. Travels to it as JSON. */
export type Task = RaceTask | OverloadTask;

export interface RaceTask extends TaskBase {
  readonly scenario: Scenario;
}

export interface OverloadTask extends TaskBase {
  readonly scenario: OverloadScenario;
}

interface TaskBase {
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

/** What it answers to an overload. Every publish that was offered is in exactly one of the counts. */
export interface OverloadMeasurement {
  readonly offeredCount: number;
  readonly confirmedCount: number;
  /** Refused with PUBLISH_BUFFER_FULL: never sent. */
  readonly refusedCount: number;
  /** Anything else, by error code. */
  readonly failures: Readonly<Record<string, number>>;
  readonly rssAtStartBytes: number;
  readonly peakRssBytes: number;
  /** Of the moment of that peak: V8's heap, and the bytes of all buffers. */
  readonly heapAtPeakBytes: number;
  readonly buffersAtPeakBytes: number;
  /** The longest time the event loop did not come round. */
  readonly longestStallMs: number;
}
