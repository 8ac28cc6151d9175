import { catalogue, type Fault } from "./catalogue.ts";
import { type TaggedTest, taggedTests } from "./tagged-tests.ts";

const head = `# Faults

What can go wrong between a service and its messages, what must hold while it does, and the tests that make it happen: on
real brokers, with sockets that are cut, slowed and silenced, nodes that are killed and frozen, and processes that end at
the wrong moment. A test is named after the faults that it provokes, in brackets before its title. \`npm test\` runs those
under 20 seconds, \`pnpm prove NAME\` the others.

This page is written by \`pnpm faults\`; \`test/faults/faults.test.ts\` fails when a fault has no test, when a test names a
fault that is not here, and when the page is not up to date. Faults of databases come with the packages that use one.
What the checkers of these tests look for, and the broken runs that they were shown to find: \`test/faults/checkers\`.
`;

const groups = [
  ["N", "Network"],
  ["B", "Broker"],
  ["C", "Process of the application"],
] as const;

/** The text of docs/faults.md. */
export function faultPage(): string {
  const tests = taggedTests();
  const sections = groups.map(([letter, name]) => {
    const rows = catalogue.filter(({ id }) => id.startsWith(letter)).map((fault) => row(fault, tests));
    const columns = ["| | Fault | What must hold | Test | Runs in |", "|---|---|---|---|---|"];
    return `## ${name}\n\n${[...columns, ...rows].join("\n")}\n`;
  });
  return [head, ...sections].join("\n");
}

function row({ id, fault, holds, impossible }: Fault, tests: readonly TaggedTest[]): string {
  const found = tests.filter(({ ids }) => ids.includes(id));
  const named = found.map(({ file, title }) => `\`${file}\`: ${cell(title)}`).join("<br>");
  const runs = [...new Set(found.map((test) => test.runs))].join(", ");
  return `| ${id} | ${fault} | ${holds} | ${impossible ?? named} | ${impossible === undefined ? runs : "nowhere"} |`;
}

/** A bar would end the cell, and angle brackets would be HTML. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}
