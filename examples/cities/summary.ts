import type { Audit } from "./ledger.ts";
import type { Report } from "./run.ts";

const count = (value: number): string => value.toLocaleString("en-US");

/** What a person wants to know at the end. */
export function summaryOf(report: Report): string {
  const perSecond = (messages: number, seconds: number): string => count(Math.round(messages / seconds));
  const sorted = report.confirmMs.toSorted((a, b) => a - b);
  const percentile = (share: number): string =>
    (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
  const lost = report.audits.reduce((sum, audit) => sum + audit.lost.length, 0);
  const duplicates = report.audits.reduce((sum, audit) => sum + audit.duplicates, 0);
  return [
    `published      ${count(report.confirmed)} confirmed, ${perSecond(report.confirmed, report.publishSeconds)} a second, confirm p50 ${percentile(0.5)} ms, p99 ${percentile(0.99)} ms with ${count(report.inFlight)} at once`,
    `handled        ${count(report.handled)}, ${perSecond(report.handled, report.totalSeconds)} a second to the end of all retries`,
    `retried        ${count(report.retries)}, ${count(report.meant.retries)} of them on purpose`,
    `dead-lettered  ${count(report.deadLettered)}, ${count(report.meant.deadLettered)} of them on purpose; replayed ${count(report.replayed)}`,
    "",
    ...report.audits.map(lineOf),
    "",
    lost === 0
      ? `lost 0, duplicates ${duplicates}`
      : `lost ${lost}, duplicates ${duplicates}: THE LEDGER DOES NOT BALANCE`,
    "",
  ].join("\n");
}

function lineOf({ queue, published, handled, dead, lost, unexpected, left, balanced }: Audit): string {
  const verdict = balanced
    ? "balanced, by id"
    : `lost ${lost.slice(0, 5).join(" ") || 0}, unexpected ${unexpected.length}, left ${left}`;
  return `${queue.padEnd(22)} published ${count(published)} = handled ${count(handled)} (${count(dead)} of them by way of the dead letters): ${verdict}`;
}
