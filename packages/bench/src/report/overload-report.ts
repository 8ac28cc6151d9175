import type { OverloadResult } from "../overload.ts";

export function renderOverload({
  scenario,
  measurement,
  allowedGrowthBytes,
  problem,
}: OverloadResult): string {
  const { offeredCount, confirmedCount, refusedCount, longestStallMs } = measurement;
  const { rssAtStartBytes, peakRssBytes, heapAtPeakBytes, buffersAtPeakBytes } = measurement;
  const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(0)} MB`;
  const cells = [
    ["offered", offeredCount],
    ["confirmed", confirmedCount],
    ["refused at once", refusedCount],
    ["RSS at the start", megabytes(rssAtStartBytes)],
    ["peak RSS", megabytes(peakRssBytes)],
    ["RSS grown by", megabytes(peakRssBytes - rssAtStartBytes)],
    ["allowed", megabytes(allowedGrowthBytes)],
    ["heap at the peak", megabytes(heapAtPeakBytes)],
    ["buffers at the peak", megabytes(buffersAtPeakBytes)],
    ["longest stall", `${longestStallMs.toFixed(0)} ms`],
  ];
  const { name, title, seconds, messagesPerSecond, bodyBytes } = scenario;
  return [
    `### ${name}`,
    "",
    `${seconds} s at ${messagesPerSecond} messages of ${bodyBytes} bytes a second, ${title}.`,
    "",
    `| ${cells.map(([heading]) => heading).join(" | ")} |`,
    `| ${cells.map(() => "--:").join(" | ")} |`,
    `| ${cells.map(([, value]) => value).join(" | ")} |`,
    "",
    problem === undefined ? "Within its promises." : `BROKEN: ${problem}.`,
    "",
  ].join("\n");
}
