// Adds up vitest's own summaries in a log to one line, "N passed, N failed". Fails when a test failed, when none ran,
// and when any was skipped: where this runs, every broker and database can be had.
import { readFileSync } from "node:fs";

// oxlint-disable-next-line no-control-regex -- strips the colours of a terminal
const log = readFileSync(process.argv[2], "utf8").replaceAll(/\u001B\[[0-9;]*m/g, "");
const lines = log.split("\n");
const sum = (summary, word) =>
  lines
    .filter((line) => summary.test(line))
    .reduce((total, line) => total + Number(new RegExp(`(\\d+) ${word}`).exec(line)?.[1] ?? 0), 0);
const tests = /^\s*Tests\s+\d/;
const files = /^\s*Test Files\s+\d/;

const passed = sum(tests, "passed");
// A file that fails before it has any tests counts as one.
const failed = Math.max(sum(tests, "failed"), sum(files, "failed"));
const skipped = sum(tests, "skipped");
if (skipped > 0) {
  console.log(`${skipped} skipped, which counts as failed here:`);
  for (const line of lines) if (/\.test\.ts .*\d+ skipped/.test(line)) console.log(` ${line.trim()}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = passed === 0 || failed > 0 || skipped > 0 ? 1 : 0;
