import { connect } from "@warren/connection";
import { on } from "@warren/consumer";
import { diagnostics, type DiagnosticsEvents } from "@warren/message";
import { startFaultProxy } from "@warren/testing";
import { useBroker } from "@warren/testing/vitest";
import { expect, test } from "vitest";
import { Gate, recorded, Seen } from "../../guarantees/seen.ts";
import { inversions } from "../checkers/key-order.ts";
import { startChild } from "./child.ts";
import { createScene, nothingLeft } from "./client-scene.ts";

const broker = useBroker();
const ids = ["eu-1", "eu-2", "eu-3", "eu-4", "eu-5"];
const numbered = (lines: readonly string[]): readonly { key: string; number: number }[] =>
  lines.map((line) => ({ key: "eu", number: Number(/\d/.exec(line)?.[0]) }));

test("[C34] the consumer that stands by takes over from a killed one in the order of the key, and not before", async () => {
  await using scene = await createScene(broker.url, { queue: { singleActiveConsumer: true } });
  const active = startChild("./takeover.program.ts", broker.url, scene.queue.name);
  await scene.order("eu-1");
  await active.lines.until((lines) => lines.includes("ends eu-1"));
  const log = new Seen<string>();
  let atWork = 0;
  let most = 0;
  await scene.consumer({
    handlers: [
      on(
        scene.Order,
        async ({ id }, { redelivered }) => {
          most = Math.max(most, ++atWork);
          await new Promise((resolve) => setImmediate(resolve));
          log.add(`${id}${redelivered ? " again" : ""}`);
          atWork--;
        },
        { orderBy: () => "eu" },
      ),
    ],
  });
  for (const id of ids.slice(1)) await scene.order(id);
  await active.lines.until((lines) => lines.includes("begins eu-2"));
  expect(log.items).toEqual([]);
  active.kill("SIGKILL");
  expect(await active.ended).toBe("SIGKILL");
  await log.until(4);
  expect(await scene.left()).toEqual(nothingLeft);
  expect(active.lines.items).toEqual(["begins eu-1", "ends eu-1", "begins eu-2"]);
  expect(log.items.map((line) => line.replace(" again", ""))).toEqual(ids.slice(1));
  expect(log.items[0]).toBe("eu-2 again");
  expect(inversions(numbered(log.items))).toEqual([]);
  expect(most).toBe(1);
});

test("[C34] one that lost its link while the other took over is told by its signal, and settles nothing", async () => {
  await using proxy = await startFaultProxy({ target: broker });
  await using scene = await createScene(broker.url, {
    by: proxy.url(broker.url),
    queue: { singleActiveConsumer: true },
  });
  await using other = await connect(broker.url);
  using stale = recorded<DiagnosticsEvents["staleSettle"]>(diagnostics.staleSettle);
  const [log, gate] = [new Seen<string>(), new Gate()];
  const cutOff = await scene.consumer({
    handlers: [
      on(
        scene.Order,
        async ({ id }, { signal }) => {
          signal.addEventListener("abort", () => log.add(`${id} aborted`));
          log.add(`${id} begins`);
          await gate.opened;
        },
        { orderBy: () => "eu" },
      ),
    ],
  });
  await scene.consumer(
    { handlers: [on(scene.Order, ({ id }) => log.add(`${id} taken over`), { orderBy: () => "eu" })] },
    other,
  );
  for (const id of ids) await scene.order(id);
  await log.until(1);
  proxy.refuse();
  proxy.reset();
  await log.until((lines) => lines.includes("eu-5 taken over"));
  gate.open();
  await stale.until(1);
  expect(cutOff.staleSettleCount).toBe(1);
  expect(log.items[0]).toBe("eu-1 begins");
  expect(log.items.slice(1).filter((line) => line !== "eu-1 aborted")).toEqual(
    ids.map((id) => `${id} taken over`),
  );
  // What may overlap with the next consumer is what its handler does after this.
  expect(log.items).toContain("eu-1 aborted");
  await proxy.heal();
  expect(await scene.left()).toEqual(nothingLeft);
});
