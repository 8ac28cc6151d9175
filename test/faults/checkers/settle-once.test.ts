import { expect, test } from "vitest";
import { SettleOnce } from "./settle-once.ts";

test("K5 finds nothing when each settles once, either way", async () => {
  const settles = new SettleOnce();
  await settles.watch("a", Promise.resolve());
  await settles.watch("b", Promise.reject(new Error("no"))).catch(() => undefined);
  expect(await settles.problems(1_000)).toEqual([]);
});

test("K5 finds a promise that does not settle before the deadline", async () => {
  const settles = new SettleOnce();
  void settles.watch("a", new Promise(() => undefined));
  expect(await settles.problems(1)).toEqual(["a did not settle"]);
});

test("K5 finds what settles twice, and what was never begun", async () => {
  const settles = new SettleOnce();
  settles.begin("a");
  settles.settle("a");
  settles.settle("a");
  settles.settle("b");
  expect(await settles.problems(1)).toEqual(["a settled 2 times", "b settled and was never begun"]);
});
