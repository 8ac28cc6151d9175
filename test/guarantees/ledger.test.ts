import { expect, test } from "vitest";
import { Ledger } from "./ledger.ts";

function balanced(): Ledger {
  const ledger = new Ledger();
  for (const id of ["a", "b"]) {
    ledger.attempt(id);
    ledger.confirm(id);
    ledger.end(id);
  }
  return ledger;
}

test("a ledger in which everything came to its end once balances", () => {
  expect(balanced().audit()).toEqual({ lost: [], unexpected: [], duplicates: 0, recovered: [] });
});

test("a message that was confirmed and dropped is lost, by its id", () => {
  const ledger = balanced();
  ledger.attempt("c");
  ledger.confirm("c");
  expect(ledger.audit().lost).toEqual(["c"]);
});

test("a message that nobody published is unexpected", () => {
  const ledger = balanced();
  ledger.end("stranger");
  expect(ledger.audit().unexpected).toEqual(["stranger"]);
});

test("every end beyond the first is a duplicate", () => {
  const ledger = balanced();
  ledger.end("a");
  ledger.end("a");
  ledger.end("b");
  expect(ledger.audit()).toMatchObject({ duplicates: 3, lost: [] });
});

test("what was refused and not stored is no loss; what was stored all the same is recovered", () => {
  const ledger = balanced();
  ledger.attempt("refused");
  ledger.attempt("unknown");
  ledger.end("unknown");
  expect(ledger.audit()).toMatchObject({ lost: [], recovered: ["unknown"] });
});

test("ended waits for as many ids, not for as many ends", async () => {
  const ledger = new Ledger();
  let over = false;
  const both = ledger.ended(2).then(() => (over = true));
  ledger.end("a");
  ledger.end("a");
  await Promise.resolve();
  expect(over).toBe(false);
  ledger.end("b");
  await both;
});

test("ended does not wait for ever for what is lost", async () => {
  const ledger = new Ledger();
  ledger.attempt("a");
  ledger.confirm("a");
  await ledger.ended(1, 1);
  expect(ledger.audit().lost).toEqual(["a"]);
});
