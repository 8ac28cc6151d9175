import type { Confirmation } from "@warren/message";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { inWindow } from "./in-window.ts";

const confirmation = (item: number): Confirmation => ({
  status: "confirmed",
  messageId: `${item}`,
  latencyMs: 0,
  attempts: 1,
});

const roomy = (): undefined => undefined;

test("whatever the order of the answers, outcomes stand in the order of the items and the window holds", async () => {
  const property = fc.asyncProperty(
    fc.nat(40),
    fc.integer({ min: 1, max: 7 }),
    fc.infiniteStream(fc.nat(100)),
    async (count, width, picks) => {
      const open: (() => void)[] = [];
      let widest = 0;
      const outcomes = inWindow(
        { width, room: roomy },
        Array.from({ length: count }).keys(),
        (item, settled) => {
          open.push(() => settled(confirmation(item)));
          widest = Math.max(widest, open.length);
        },
      );
      let answered = 0;
      while (answered < count) {
        await new Promise((resolve) => setImmediate(resolve));
        const pick = (picks.next().value ?? 0) % Math.max(1, open.length);
        const [answer] = open.splice(pick, 1);
        answer?.();
        if (answer !== undefined) answered++;
      }
      const ids = (await outcomes).map(({ messageId }) => Number(messageId));
      return widest <= width && ids.length === count && ids.every((id, at) => id === at);
    },
  );
  expect(await fc.check(property, { numRuns: 50 })).toMatchObject({ failed: false });
});

test("what the source throws rejects", async () => {
  const failing = (function* (): Generator<number> {
    yield 1;
    throw new Error("no more");
  })();
  await expect(
    inWindow({ width: 2, room: roomy }, failing, (item, settled) => settled(confirmation(item))),
  ).rejects.toThrow("no more");
});

test("nothing more is taken from the source before there is room again", async () => {
  let takenCount = 0;
  let makeRoom = (): void => undefined;
  const full = new Promise<void>((resolve) => (makeRoom = resolve));
  const rooms = [undefined, full];
  const source = (function* (): Generator<number> {
    for (; takenCount < 4; takenCount++) yield takenCount;
  })();
  const outcomes = inWindow({ width: 10, room: () => rooms.shift() }, source, (item, settled) =>
    settled(confirmation(item)),
  );
  // As soon as the source could have given all.
  await new Promise((resolve) => setImmediate(resolve));
  expect(takenCount).toBe(1);
  makeRoom();
  await expect(outcomes).resolves.toHaveLength(4);
});

test.each([
  ["at once", (settle: () => void) => settle()],
  ["as soon as may be", (settle: () => void) => void Promise.resolve().then(settle)],
])("a source whose items settle %s leaves others their turn, however long it is", async (_, soon) => {
  const others = { hadTheirTurn: false };
  setImmediate(() => (others.hadTheirTurn = true));
  const source = (function* (): Generator<number> {
    for (let item = 0; item < 100_000 && !others.hadTheirTurn; item++) yield item;
  })();
  const outcomes = await inWindow({ width: 10, room: roomy }, source, (item, settled) =>
    soon(() => settled(confirmation(item))),
  );
  expect(outcomes.length).toBeLessThan(100_000);
});
