// Adds up vitest's own summaries in a log to one line, "N passed, N failed", and fails when there was none.
import { readFileSync } from "node:fs";

// oxlint-disable-next-line no-control-regex -- strips the colours of a terminal
const log = readFileSync(process.argv[2], "utf8").replaceAll(/\u001B\[[0-9;]*m/g, "");
const summaries = log.split("\n").filter((line) => /^\s*Tests\s+\d/.test(line));
const sum = (word) =>
  summaries.reduce((total, line) => total + Number(new RegExp(`(\\d+) ${word}`).exec(line)?.[1] ?? 0), 0);

const passed = sum("passed");
const failed = sum("failed");
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = passed === 0 || failed > 0 ? 1 : 0;
