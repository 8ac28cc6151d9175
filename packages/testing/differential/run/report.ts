import type { Command } from "../sequence/command.ts";
import { commandText } from "../sequence/sequence-text.ts";
import { firstDifference } from "./compare.ts";
import type { Observations } from "./run-sequence.ts";

/** The commands up to the first difference, and what each side showed there. */
export function differenceText(
  sequence: readonly Command[],
  expected: Observations,
  found: Observations,
): string {
  const at = firstDifference(expected, found);
  const lines = sequence.slice(0, at + 1).map((command) => `  ${commandText(command)}`);
  const where = at < sequence.length ? `at command ${at + 1}` : "in what the queues hold at last";
  const show = (observations: Observations): string =>
    (observations[at] ?? ["nothing"]).map((line) => `    ${line}`).join("\n");
  return [...lines, `  ${where}`, "  RabbitMQ:", show(expected), "  embedded:", show(found)].join("\n");
}
