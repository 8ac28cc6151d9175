import { ack, type Delivery, retry } from "@warren/message";
import { expect, test } from "vitest";
import { crashBeforeAck } from "./crash-before-ack.ts";
import { delayDeliveries } from "./delay-deliveries.ts";
import { duplicateDeliveries } from "./duplicate-deliveries.ts";
import { reorderDeliveries } from "./reorder-deliveries.ts";

function delivered(given: Partial<Delivery> = {}): Delivery {
  return { redelivered: false, signal: new AbortController().signal, ...given } as Delivery;
}

/** How often the handler was called for each of so many deliveries. */
async function callsOf(
  middleware: ReturnType<typeof duplicateDeliveries>,
  count: number,
): Promise<readonly number[]> {
  const calls: number[] = [];
  for (let index = 0; index < count; index++) {
    calls.push(0);
    await middleware(delivered(), async () => {
      calls[index]!++;
      return ack();
    });
  }
  return calls;
}

test("every so many-th is struck, until there were enough", async () => {
  expect(await callsOf(duplicateDeliveries(), 3)).toEqual([2, 2, 2]);
  expect(await callsOf(duplicateDeliveries({ every: 3 }), 7)).toEqual([1, 1, 2, 1, 1, 2, 1]);
  expect(await callsOf(duplicateDeliveries({ every: 2, times: 1 }), 6)).toEqual([1, 2, 1, 1, 1, 1]);
});

test("the same seed strikes the same ones, another seed others, and a probability of 0 none", async () => {
  const struck = (seed: number): Promise<readonly number[]> =>
    callsOf(duplicateDeliveries({ probability: 0.5, seed }), 40);
  expect(await struck(1)).toEqual(await struck(1));
  expect(await struck(1)).not.toEqual(await struck(2));
  expect(new Set(await struck(1))).toEqual(new Set([1, 2]));
  expect(new Set(await callsOf(duplicateDeliveries({ probability: 0 }), 20))).toEqual(new Set([1]));
});

test("a delivery whose channel is gone is delayed no longer", async () => {
  const gone = AbortSignal.abort(new Error("gone"));
  await expect(
    delayDeliveries({ maxDelayMs: 2 ** 31 - 1 })(delivered({ signal: gone }), async () => ack()),
  ).resolves.toEqual(ack());
  const losing = new AbortController();
  const work = reorderDeliveries({ every: 1, maxWaitMs: 2 ** 31 - 1 })(
    delivered({ signal: losing.signal }),
    async () => ack(),
  );
  losing.abort(new Error("gone"));
  await expect(work).resolves.toEqual(ack());
});

test("a crash spares what was delivered before, and what did not succeed", async () => {
  let resets = 0;
  const crashing = crashBeforeAck({ reset: () => resets++ });
  await crashing(delivered({ redelivered: true }), async () => ack());
  await crashing(delivered(), async () => retry({ reason: "not yet" }));
  expect(resets).toBe(0);
});

test("a crash is over when the consumer has noticed it", async () => {
  const connection = new AbortController();
  const crashing = crashBeforeAck({ reset: () => connection.abort(new Error("reset")) });
  await expect(crashing(delivered({ signal: connection.signal }), async () => ack())).resolves.toEqual(ack());
});

test.each<[object, string]>([
  [{ every: 0 }, "every"],
  [{ probability: 2 }, "probability"],
  [{ evry: 1 }, "evry"],
])("%j is refused", (options, name) => {
  for (const middleware of [duplicateDeliveries, delayDeliveries, reorderDeliveries])
    expect(() => middleware(options)).toThrow(name);
});
