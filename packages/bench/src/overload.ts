import { startFaultProxy } from "@warren/testing";
import type { ChannelModel } from "amqplib";
import { BenchQueue } from "./bench-queue.ts";
import { performInChild } from "./contender-process.ts";
import type { OverloadScenario } from "./scenarios.ts";
import type { OverloadMeasurement } from "./tasks/measurement.ts";

const contender = "warren";

export interface OverloadResult {
  readonly scenario: OverloadScenario;
  readonly measurement: OverloadMeasurement;
  readonly allowedGrowthBytes: number;
  /** Which promise was broken; undefined when none was. */
  readonly problem: string | undefined;
}

/** How much RSS may grow from before the overload to its peak: half as much again as the buffer, and 64 MB. */
export function allowedGrowthBytes(maxBufferBytes: number): number {
  return maxBufferBytes * 1.5 + 64_000_000;
}

/** Offers Warren ten times what a throttled link lets through, and holds its memory and its counts against the promise. */
export async function runOverload(
  connection: ChannelModel,
  url: string,
  scenario: OverloadScenario,
  seed: number,
): Promise<OverloadResult> {
  const { hostname, port } = new URL(url);
  await using proxy = await startFaultProxy({ target: { host: hostname, port: Number(port || 5672) } });
  const offeredBytesPerSecond = scenario.messagesPerSecond * scenario.bodyBytes;
  proxy.throttle({ bytesPerSecond: offeredBytesPerSecond / scenario.slowdown, direction: "toServer" });
  const queue = new BenchQueue(connection);
  await queue.declare("classic");
  let measurement: OverloadMeasurement;
  let stored = 0;
  try {
    measurement = await performInChild({
      scenario,
      contender,
      url: proxy.url(url),
      queue: queue.name,
      seed,
    });
  } finally {
    stored = await queue.delete();
  }
  const allowed = allowedGrowthBytes(scenario.maxBufferBytes);
  return {
    scenario,
    measurement,
    allowedGrowthBytes: allowed,
    problem: problemOf(measurement, stored, allowed),
  };
}

/** Undefined when every publish was answered, what was confirmed is stored, and memory grew within its limit. */
export function problemOf(
  measurement: OverloadMeasurement,
  storedCount: number,
  allowed: number,
): string | undefined {
  const { offeredCount, confirmedCount, refusedCount, failures } = measurement;
  if (Object.keys(failures).length > 0) return `some publishes failed: ${JSON.stringify(failures)}`;
  if (confirmedCount + refusedCount !== offeredCount) {
    return `${offeredCount} were offered, ${confirmedCount} confirmed, ${refusedCount} refused`;
  }
  if (storedCount !== confirmedCount) return `${confirmedCount} were confirmed but ${storedCount} stored`;
  if (refusedCount === 0) return "nothing was refused, so the buffer was never full";
  const grown = measurement.peakRssBytes - measurement.rssAtStartBytes;
  if (grown > allowed) return `RSS grew by ${grown} bytes, ${allowed} are allowed`;
  return undefined;
}
