import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { audit, Ledger } from "./ledger.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "warren-ledger-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function auditOf(
  entries: readonly (readonly ["handled" | "dead", string])[],
  published: readonly string[],
  left = 0,
) {
  const ledger = new Ledger(join(folder, "ledger"));
  for (const [entry, id] of entries) ledger.record("q", entry, id);
  await ledger.close();
  const [result] = await audit(ledger.path, [{ queue: "q", published: new Set(published), left }]);
  return result!;
}

it("balances when every published id has been handled", async () => {
  expect(
    await auditOf(
      [
        ["handled", "a"],
        ["dead", "b"],
        ["handled", "b"],
      ],
      ["a", "b"],
    ),
  ).toMatchObject({ balanced: true, dead: 1, lost: [] });
});

it("names an id that was published and never handled", async () => {
  expect(await auditOf([["handled", "a"]], ["a", "b"])).toMatchObject({ balanced: false, lost: ["b"] });
});

it("does not let a duplicate stand in for a lost message", async () => {
  expect(
    await auditOf(
      [
        ["handled", "a"],
        ["handled", "a"],
      ],
      ["a", "b"],
    ),
  ).toMatchObject({ balanced: false, lost: ["b"], duplicates: 1 });
});

it("does not balance with an id that nobody published", async () => {
  expect(
    await auditOf(
      [
        ["handled", "a"],
        ["handled", "x"],
      ],
      ["a"],
    ),
  ).toMatchObject({ balanced: false, unexpected: ["x"] });
});

it("does not balance while the broker still holds messages", async () => {
  expect(await auditOf([["handled", "a"]], ["a"], 1)).toMatchObject({ balanced: false, left: 1 });
});
