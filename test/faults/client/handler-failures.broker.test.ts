import { on, timeout } from "@warren/consumer";
import { ack, type Acknowledgement, deadLetter, diagnostics, type DiagnosticsEvents } from "@warren/message";
import { startFaultProxy } from "@warren/testing";
import { useBroker } from "@warren/testing/vitest";
import { expect, test } from "vitest";
import { Gate, recorded, Seen } from "../../guarantees/seen.ts";
import { WireRules } from "../checkers/wire-rules.ts";
import { type ClientScene, createScene, nothingLeft } from "./client-scene.ts";

const broker = useBroker();

/** What was decided of each delivery, in its order: `id action`. */
function decisions({ queue }: ClientScene, settled: Seen<DiagnosticsEvents["settle"]>): readonly string[] {
  return settled.items
    .filter((each) => each.queue === queue.name)
    .map(({ delivery, acknowledgement }) => `${delivery.messageId} ${acknowledgement.action}`);
}

test("[C1] a handler that throws at once fails its message only: no channel is closed, and its neighbours are handled once", async () => {
  await using proxy = await startFaultProxy({ target: broker });
  await using scene = await createScene(broker.url, { by: proxy.url(broker.url) });
  const handled = new Seen<string>();
  await scene.consumer({
    concurrency: 1,
    handlers: [
      on(scene.Order, ({ id }) => {
        if (id === "bad") throw new Error("boom");
        handled.add(id);
      }),
    ],
  });
  using frames = proxy.frames();
  for (const id of ["before", "bad", "after"]) await scene.order(id);
  const [dead] = await scene.take(1);
  expect(dead).toMatchObject({ messageId: "bad", headers: { "x-warren-error-message": "boom" } });
  await handled.until(2);
  expect(await scene.left()).toEqual(nothingLeft);
  expect(handled.items).toEqual(["before", "after"]);
  expect(frames.count("channel.close", "toClient")).toBe(0);
  expect(frames.count("connection.close", "toClient")).toBe(0);
  expect(proxy.acceptedCount).toBe(2);
});

test("[C2] a handler that rejects has its message retried and then dead-lettered, and each delivery is settled once", async () => {
  await using proxy = await startFaultProxy({ target: broker });
  await using scene = await createScene(broker.url, { by: proxy.url(broker.url) });
  const rules = new WireRules();
  using frames = proxy.frames(rules.frame);
  using settled = recorded<DiagnosticsEvents["settle"]>(diagnostics.settle);
  await scene.consumer({ handlers: [on(scene.Order, () => Promise.reject(new Error("not today")))] });
  await scene.order("a");
  expect(await scene.take(1)).toMatchObject([
    { messageId: "a", headers: { "x-warren-attempt": 3, "x-warren-error-message": "not today" } },
  ]);
  expect(await scene.left()).toEqual(nothingLeft);
  expect(decisions(scene, settled)).toEqual(["a retry", "a retry", "a dead-letter"]);
  expect(frames.count("basic.deliver", "toClient")).toBe(3);
  expect(frames.count("basic.ack", "toServer")).toBe(3);
  expect(rules.problems()).toEqual([]);
});

test("[C3] a handler that never settles is aborted at its deadline and retried, its place is free, and its late end is nobody's", async () => {
  await using scene = await createScene(broker.url);
  using settled = recorded<DiagnosticsEvents["settle"]>(diagnostics.settle);
  const [log, aborted, late] = [new Seen<string>(), new Seen<unknown>(), new Gate()];
  const consumer = await scene.consumer({
    concurrency: 1,
    middleware: [timeout({ timeoutMs: 100 })],
    handlers: [
      on(scene.Order, async ({ id }, { attempt, signal }) => {
        log.add(`${id} ${attempt}`);
        if (id !== "stuck" || attempt > 1) return;
        signal.addEventListener("abort", () => aborted.add(signal.reason));
        await late.opened;
        log.add("late end");
        throw new Error("and late it fails");
      }),
    ],
  });
  await scene.order("stuck");
  await scene.order("next");
  await log.until((lines) => lines.includes("next 1") && lines.includes("stuck 2"));
  expect(aborted.items).toMatchObject([{ code: "HANDLER_TIMEOUT" }]);
  late.open();
  await log.until((lines) => lines.includes("late end"));
  await scene.order("afterwards");
  await log.until((lines) => lines.includes("afterwards 1"));
  expect(await scene.left()).toEqual(nothingLeft);
  expect(decisions(scene, settled).toSorted()).toEqual([
    "afterwards ack",
    "next ack",
    "stuck ack",
    "stuck retry",
  ]);
  expect(consumer.staleSettleCount).toBe(0);
});

/** Settles as often as it is asked to, as no promise would. */
function settlingTwice(first: Acknowledgement, second: Acknowledgement): PromiseLike<Acknowledgement> {
  const then = (resolve: (value: Acknowledgement) => void, reject: (error: Error) => void): void => {
    resolve(first);
    resolve(second);
    reject(new Error("a third word"));
  };
  // oxlint-disable-next-line unicorn/no-thenable -- the fault of this test
  return { then } as PromiseLike<Acknowledgement>;
}

test("[C5] of a handler that answers twice the first word counts, and no delivery tag is sent twice", async () => {
  await using proxy = await startFaultProxy({ target: broker });
  await using scene = await createScene(broker.url, { by: proxy.url(broker.url) });
  using settled = recorded<DiagnosticsEvents["settle"]>(diagnostics.settle);
  const rules = new WireRules();
  using frames = proxy.frames(rules.frame);
  const handled = new Seen<string>();
  await scene.consumer({
    concurrency: 1,
    // One that calls the handler a second time, and one that does not wait for it, are the others that could.
    middleware: [
      async (delivery, next) => {
        if (delivery.messageId === "middleware") await next(delivery);
        return next(delivery);
      },
    ],
    handlers: [
      on(scene.Order, ({ id }) => {
        handled.add(id);
        return id === "thenable" ? settlingTwice(ack(), deadLetter("changed my mind")) : undefined;
      }),
    ],
  });
  for (const id of ["thenable", "middleware", "plain"]) await scene.order(id);
  await handled.until(4);
  expect(await scene.left()).toEqual(nothingLeft);
  expect(handled.items).toEqual(["thenable", "middleware", "middleware", "plain"]);
  expect(decisions(scene, settled)).toEqual(["thenable ack", "middleware ack", "plain ack"]);
  expect(rules.problems()).toEqual([]);
  expect(frames.count("channel.close", "toClient")).toBe(0);
});

test("[C16] a message that always fails is tried as often as its ladder says and dead-lettered with the reason, and its neighbours flow", async () => {
  await using scene = await createScene(broker.url);
  const log = new Seen<string>();
  await scene.consumer({
    concurrency: 1,
    prefetch: 1,
    handlers: [
      on(scene.Order, ({ id }, { attempt }) => {
        log.add(`${id} ${attempt}`);
        if (id === "poison") throw new TypeError("no way to handle it");
      }),
    ],
  });
  await scene.order("poison");
  const neighbours = Array.from({ length: 50 }, (_, index) => `n${index}`);
  for (const id of neighbours) await scene.order(id);
  const [dead] = await scene.take(1);
  expect(dead).toMatchObject({
    messageId: "poison",
    headers: { "x-warren-attempt": 3, "x-warren-error-message": "TypeError: no way to handle it" },
  });
  await log.until(3 + neighbours.length);
  expect(await scene.left()).toEqual(nothingLeft);
  expect(log.items.filter((line) => line.startsWith("n"))).toEqual(neighbours.map((id) => `${id} 1`));
  expect(log.items.filter((line) => line.startsWith("poison"))).toEqual(["poison 1", "poison 2", "poison 3"]);
});
