import { expect, test } from "vitest";
import { SoakAccount } from "./soak-account.ts";

const limits = { publishes: 1, deliveries: 1 };
const sentOnce = (...ids: readonly number[]): readonly string[] =>
  ids.flatMap((id) => [`send ${id}`, `confirm ${id} 1`]);
const whole = ["begin", ...sentOnce(1, 2), "end"];

function account(
  publisher: readonly string[],
  consumer: readonly string[],
  dead: readonly string[] = [],
): SoakAccount {
  const made = new SoakAccount();
  made.publisher(publisher);
  made.consumer(consumer);
  for (const id of dead) made.deadLetter(id);
  made.drained();
  return made;
}

test("ledgers that balance have no problem, and nor has what was in flight in a killed process", async () => {
  const sent = [
    "begin",
    ...sentOnce(1, 2, 100, 500, 700),
    "send 3",
    "send 4",
    "begin",
    ...sentOnce(5),
    "end",
  ];
  const handled = ["begin", "effect 1 1 0", "effect 2 1 0", "effect 4 1 0", "refuse 100 1 0", "begin"];
  const found = account(sent, [...handled, "effect 100 2 0", "effect 5 1 0", "end"], ["500", "700"]);
  expect(await found.problems(limits)).toEqual([]);
  expect(found).toMatchObject({ sent: 8, confirmed: 6, unknownAtKill: 2, refusals: 1 });
  expect(found.audit).toEqual({ lost: 0, unexpected: 0, duplicates: 0, recovered: 1 });
});

test("a confirmed message without an end is lost", async () => {
  expect(await account(whole, ["effect 1 1 0"]).problems(limits)).toEqual(["2 was confirmed and is lost"]);
});

test("a message that nobody published is unexpected", async () => {
  const found = account(whole, ["effect 1 1 0", "effect 2 1 0", "effect 9 1 0"]);
  expect(await found.problems(limits)).toEqual(["9 was never published"]);
});

test("a message that was told to be not stored must not come", async () => {
  const sent = ["begin", "send 1", "fail 1 timed-out no", "send 2", "fail 2 nacked maybe", "end"];
  const found = account(sent, ["effect 1 1 0", "effect 2 1 0"]);
  expect(await found.problems(limits)).toEqual(["1 was told to be not stored and came all the same"]);
  expect(found.failures).toEqual({ "timed-out, stored: no": 1, "nacked, stored: maybe": 1 });
});

test("a publish that has not settled in a process that ended is a problem, and so is one that settled twice", async () => {
  const sent = [...whole.slice(0, -1), "confirm 2 1", "send 3", "end"];
  expect(await account(sent, ["effect 1 1 0", "effect 2 1 0"]).problems(limits)).toEqual([
    "2 settled 2 times",
    "3 did not settle",
  ]);
});

test("copies are counted by their cause, and no more of each are allowed than were in flight", async () => {
  const sent = ["begin", "send 1", "confirm 1 3", ...sentOnce(2, 100), "end"];
  const handled = ["effect 1 1 0", "effect 1 1 0", "effect 2 1 0", "effect 2 1 1", "effect 2 1 0"];
  const moved = ["effect 100 2 0", "effect 100 2 0", "effect 1 1 0"];
  const found = account(sent, [...handled, ...moved]);
  expect(found.copies).toEqual({ republished: 2, redelivered: 1, unmarked: 1, movedAgain: 1 });
  expect(found).toMatchObject({ replays: 2, audit: { lost: 0, duplicates: 5 } });
  expect(await found.problems({ publishes: 2, deliveries: 2 })).toEqual([]);
  expect(await found.problems(limits)).toEqual([
    "2 copies by a second publish, more than the 1 in flight at the faults",
    "2 copies by a second delivery, more than the 1 in flight at the faults",
  ]);
  expect(await found.problems({ publishes: 2, deliveries: 0 })).toContain(
    "1 copies by a second move, more than the 0 in flight at the faults",
  );
});

test("a message at the wrong end is a problem even if it is accounted for", async () => {
  const found = account(
    ["begin", ...sentOnce(1, 100, 500), "end"],
    ["effect 100 1 0", "effect 500 1 0"],
    ["1"],
  );
  expect(await found.problems(limits)).toEqual([
    "100 was handled at attempt 1, though it is to be retried",
    "500 was handled at attempt 1, though it is to be permanent",
    "1 is a dead letter, though it is to be handled",
  ]);
});

test("a run whose queues were not read to the end proves nothing", async () => {
  expect(await new SoakAccount().problems(limits)).toEqual(["the queues were never read to their end"]);
});
