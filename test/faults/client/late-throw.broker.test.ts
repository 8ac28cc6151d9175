import { startFaultProxy } from "@warren/testing";
import { useBroker } from "@warren/testing/vitest";
import { expect, test } from "vitest";
import { WireRules } from "../checkers/wire-rules.ts";
import { startChild } from "./child.ts";
import { createScene, nothingLeft } from "./client-scene.ts";

const broker = useBroker();

test("[C4] what a handler throws after it has answered settles nothing again, and goes where the process listens", async () => {
  await using proxy = await startFaultProxy({ target: broker });
  await using scene = await createScene(broker.url);
  const rules = new WireRules();
  using _frames = proxy.frames(rules.frame);
  const child = startChild("./late-throw.program.ts", proxy.url(broker.url), scene.queue.name, "listens");
  for (const id of ["throws", "rejects", "plain"]) await scene.order(id);
  await child.lines.until(
    (lines) =>
      lines.includes("settled plain ack") && lines.filter((line) => line.startsWith("uncaught")).length === 2,
  );
  child.kill("SIGTERM");
  expect(await child.ended).toBe(0);
  expect(child.lines.items.filter((line) => line.startsWith("uncaught")).toSorted()).toEqual([
    "uncaught nobody waits for it",
    "uncaught too late",
  ]);
  expect(child.lines.items.filter((line) => line.startsWith("settled"))).toEqual([
    "settled throws ack",
    "settled rejects ack",
    "settled plain ack",
  ]);
  expect(rules.problems()).toEqual([]);
  expect(await scene.left()).toEqual(nothingLeft);
});

test("[C4] where nobody listens to it, Node ends the process with 1 and nothing is lost", async () => {
  await using scene = await createScene(broker.url);
  const child = startChild("./late-throw.program.ts", broker.url, scene.queue.name, "plain");
  await child.lines.until((lines) => lines.includes("listeners 0"));
  await scene.order("throws");
  expect(await child.ended).toBe(1);
  expect(child.lines.items.filter((line) => line.startsWith("settled"))).toEqual(["settled throws ack"]);
  // Its ack was written before the process ended, or else the message is there again.
  const { work, ...others } = await scene.left();
  expect(others).toEqual({ waiting: 0, dead: 0 });
  if (work === 1)
    expect(await scene.take(1, scene.queue.name)).toMatchObject([{ messageId: "throws", redelivered: true }]);
});
