import { setInterval as every } from "node:timers/promises";
import type { Contender } from "../contender.ts";
import { orderMaker } from "../order.ts";
import type { OverloadMeasurement, OverloadTask } from "./measurement.ts";

const tickMs = 5;

/** Calls `publish` at a fixed rate, whether or not the earlier calls have settled, as requests would arrive. */
export async function overloadTask(task: OverloadTask, contender: Contender): Promise<OverloadMeasurement> {
  const { url, queue, seed, scenario } = task;
  const { messagesPerSecond, seconds, maxBufferBytes } = scenario;
  const makeOrder = orderMaker(scenario.bodyBytes, seed);
  const publisher = await contender.openPublisher({ url, queue, window: 1_000, maxBufferBytes });

  let offeredCount = 0;
  let confirmedCount = 0;
  let settledCount = 0;
  const errors: Record<string, number> = {};
  async function offer(): Promise<void> {
    const index = offeredCount;
    offeredCount += 1;
    try {
      await publisher.publish(makeOrder(index));
      confirmedCount += 1;
    } catch (error) {
      const code = String((error as { code?: unknown }).code);
      errors[code] = (errors[code] ?? 0) + 1;
    }
    settledCount += 1;
  }

  const rssAtStartBytes = process.memoryUsage.rss();
  const startedAt = performance.now();
  let peak = process.memoryUsage();
  let longestStallMs = 0;
  let lastTickAt = startedAt;
  for await (const _ of every(tickMs)) {
    const now = performance.now();
    longestStallMs = Math.max(longestStallMs, now - lastTickAt - tickMs);
    lastTickAt = now;
    if (process.memoryUsage.rss() > peak.rss) peak = process.memoryUsage();
    const elapsedSeconds = (now - startedAt) / 1000;
    const due = Math.floor(Math.min(elapsedSeconds, seconds) * messagesPerSecond);
    while (offeredCount < due) void offer();
    if (elapsedSeconds >= seconds && settledCount === offeredCount) break;
  }
  await publisher.close();
  const { PUBLISH_BUFFER_FULL: refusedCount = 0, ...failures } = errors;
  const counts = { offeredCount, confirmedCount, refusedCount, failures };
  return {
    ...counts,
    rssAtStartBytes,
    peakRssBytes: peak.rss,
    heapAtPeakBytes: peak.heapTotal,
    buffersAtPeakBytes: peak.arrayBuffers,
    longestStallMs,
  };
}
