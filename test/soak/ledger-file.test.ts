import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { LedgerFile, readLedger, sentNumbers } from "./ledger-file.ts";

function path(): string {
  const folder = mkdtempSync(join(tmpdir(), "warren-ledger-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "p.ledger");
}

test("a line is in the file when write returns, and one life follows the other", () => {
  const file = path();
  expect(readLedger(file)).toEqual([]);
  new LedgerFile(file).write("send 1");
  expect(readLedger(file)).toEqual(["begin", "send 1"]);
  const second = new LedgerFile(file);
  second.write("send 3");
  second[Symbol.dispose]();
  expect(readLedger(file)).toEqual(["begin", "send 1", "begin", "send 3", "end"]);
  expect([...sentNumbers(readLedger(file))]).toEqual([1, 3]);
});

test("a line that a kill has torn is none", () => {
  const file = path();
  new LedgerFile(file).write("send 1");
  appendFileSync(file, "send 1234");
  expect(readLedger(file)).toEqual(["begin", "send 1"]);
});
