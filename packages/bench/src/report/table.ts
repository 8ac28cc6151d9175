import type { PairedRatio } from "../statistics.ts";
import type { ContenderSummary, ScenarioSummary } from "./summary.ts";

const headings = ["", "msgs/s", "ratio", "CPU µs/msg", "ratio", "p50 ms", "p99 ms", "peak RSS MB"];

/** A Markdown table a scenario, aligned to be read in a terminal too. */
export function renderTable({ scenario, contenders }: ScenarioSummary): string {
  const rows = [headings, ...contenders.map(row)];
  const widths = headings.map((_, column) => Math.max(...rows.map((cells) => (cells[column] ?? "").length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join(" | ")} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  const [head, ...body] = rows.map(line);
  return [`### ${scenario.name}`, "", `${scenario.title}.`, "", head, rule, ...body, ""].join("\n");
}

function row(summary: ContenderSummary): readonly string[] {
  return [
    summary.contender,
    Math.round(summary.messagesPerSecond).toLocaleString("en"),
    ratio(summary.throughputRatio),
    summary.cpuMicrosPerMessage.toFixed(1),
    ratio(summary.cpuRatio),
    milliseconds(summary.p50Ms),
    milliseconds(summary.p99Ms),
    (summary.peakRssBytes / 1_000_000).toFixed(0),
  ];
}

/** The paired median, and the least and the most of the rounds, so that a reader sees what the noise was. */
function ratio({ median, least, most }: PairedRatio): string {
  return `${median.toFixed(2)} (${least.toFixed(2)}–${most.toFixed(2)})`;
}

function milliseconds(value: number): string {
  return Number.isNaN(value) ? "" : value.toFixed(2);
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}
