import { describeDifference } from "./drift.ts";
import type { Plan, PlanEntry } from "./plan.ts";
import { quorumQueueKiB } from "./warnings.ts";

const actions = ["create", "changed", "unchanged", "extra", "unknown"] as const;

/** A plan as text for people: one line an entry, then the sum, what it costs, what is not known and the warnings. */
export function formatPlan(plan: Plan): string {
  const sum = actions
    .map((action) => ({ action, count: plan.entries.filter((entry) => entry.action === action).length }))
    .filter(({ count }) => count > 0)
    .map(({ action, count }) => `${count} ${action}`);
  return [
    ...plan.entries.flatMap(lines),
    ...(plan.entries.length > 0 ? [""] : []),
    sum.length === 0 ? "nothing to declare" : sum.join(", "),
    ...cost(plan.quorumQueueCount),
    ...plan.notes,
    ...section(
      "warnings",
      plan.warnings.map(({ path, text }) => `${path}: ${text}`),
    ),
  ]
    .map(printable)
    .join("\n");
}

function lines(entry: PlanEntry): string[] {
  const head = `${entry.action.padEnd(9)}  ${entry.kind === "binding" ? "" : `${entry.kind} `}${subject(entry)}`;
  switch (entry.action) {
    case "changed": {
      const differences = entry.differences.map(
        (difference) => `${" ".repeat(11)}${describeDifference(difference)}`,
      );
      return [head, ...differences, ...(entry.complete ? [] : [`${" ".repeat(11)}and perhaps more`])];
    }
    case "extra":
    case "unknown":
      return [`${head}: ${entry.reason}`];
    case "create":
    case "unchanged":
      return [head];
  }
}

function subject({ kind, name }: PlanEntry): string {
  return kind === "binding" ? name : JSON.stringify(name);
}

function cost(quorumQueueCount: number): string[] {
  if (quorumQueueCount === 0) return [];
  const queues = quorumQueueCount === 1 ? "1 quorum queue" : `${quorumQueueCount} quorum queues`;
  return [`${queues}, about ${quorumQueueCount * quorumQueueKiB} KiB of the broker's memory when empty`];
}

function section(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : ["", `${title}:`, ...items.map((item) => `  ${item}`)];
}

/** Names come from the broker and go to a terminal: no control character of theirs may get there. */
function printable(line: string): string {
  return line.replace(/\p{Cc}/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
