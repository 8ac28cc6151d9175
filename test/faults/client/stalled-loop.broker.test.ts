import { startFaultProxy } from "@warren/testing";
import { useBroker } from "@warren/testing/vitest";
import { expect, test } from "vitest";
import { WireRules } from "../checkers/wire-rules.ts";
import { startChild } from "./child.ts";
import { createScene, nothingLeft } from "./client-scene.ts";

const broker = useBroker();

test("[C13] a process that stood still beyond its heartbeats tells so, acks nothing of the connection it lost, and goes on", async () => {
  await using proxy = await startFaultProxy({ target: broker });
  await using scene = await createScene(broker.url);
  const rules = new WireRules();
  using _frames = proxy.frames(rules.frame);
  const child = startChild("./stalled-loop.program.ts", proxy.url(broker.url), scene.queue.name, "5000");
  await child.lines.until((lines) => lines.includes("started"));
  await scene.order("stalls");
  await scene.order("next");
  await child.lines.until(
    (lines) => lines.includes("handled next") && lines.includes("handled stalls again"),
  );
  child.kill("SIGTERM");
  expect(await child.ended).toBe(0);
  expect(child.lines.items.filter((line) => line === "stale settle dropped")).toHaveLength(1);
  const [stalledMs] = child.lines.items.flatMap((line) => /^stalled (\d+)$/.exec(line)?.[1] ?? []);
  expect(Number(stalledMs)).toBeGreaterThan(4_000);
  expect(rules.problems()).toEqual([]);
  expect(await scene.left()).toEqual(nothingLeft);
});
