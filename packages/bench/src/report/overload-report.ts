import type { OverloadResult } from "../overload.ts";

export function renderOverload({ scenario, measurement, allowedRssBytes }: OverloadResult): string {
  const { offeredCount, confirmedCount, refusedCount, peakRssBytes, rssAtStartBytes, longestStallMs } =
    measurement;
  const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(0)} MB`;
  const lines = [
    `### ${scenario.name}`,
    "",
    `${scenario.seconds} s at ${scenario.messagesPerSecond} messages of ${scenario.bodyBytes} bytes a second, ${scenario.title}.`,
    "",
    `| offered | confirmed | refused at once | RSS at the start | peak RSS | allowed | longest stall |`,
    `| ------: | --------: | --------------: | ---------------: | -------: | ------: | ------------: |`,
    `| ${offeredCount} | ${confirmedCount} | ${refusedCount} | ${megabytes(rssAtStartBytes)} | ${megabytes(peakRssBytes)} | ${megabytes(allowedRssBytes)} | ${longestStallMs.toFixed(0)} ms |`,
    "",
  ];
  return lines.join("\n");
}
