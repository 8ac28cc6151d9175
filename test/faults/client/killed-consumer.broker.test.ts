import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { on } from "@warren/consumer";
import { useBroker } from "@warren/testing/vitest";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Seen } from "../../guarantees/seen.ts";
import { TotalQueue } from "../checkers/total-queue.ts";
import { type Child, startChild } from "./child.ts";
import { type ClientScene, createScene, nothingLeft } from "./client-scene.ts";

const broker = useBroker();
let folder: string;
let effects: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "warren-"));
  effects = join(folder, "effects");
});
afterEach(() => rm(folder, { recursive: true }));

/** @param failpoint where the process kills itself; "none" lives until SIGTERM. */
function service(scene: ClientScene, failpoint: "after-effect" | "after-move" | "exit" | "none"): Child {
  return startChild("./failpoint.program.ts", broker.url, scene.queue.name, effects, failpoint);
}

test("[C11] what a process has done and not acknowledged comes again under its id, and a lasting memory of ids absorbs it", async () => {
  await using scene = await createScene(broker.url);
  await scene.order("a");
  expect(await service(scene, "after-effect").ended).toBe("SIGKILL");
  const next = service(scene, "none");
  await next.lines.until((lines) => lines.includes("delivered a again"));
  await scene.order("b");
  await next.lines.until((lines) => lines.includes("handled b"));
  next.kill("SIGTERM");
  expect(await next.ended).toBe(0);
  expect((await readFile(effects, "utf8")).trim().split("\n")).toEqual(["a", "b"]);
  expect(await scene.left()).toEqual(nothingLeft);
});

test("[C28] a process that dies between the confirm of a retry and its ack leaves a duplicate, and loses nothing", async () => {
  await using scene = await createScene(broker.url);
  const ledger = new TotalQueue();
  ledger.attempt("a");
  await scene.order("a");
  ledger.confirm("a");
  expect(await service(scene, "after-move").ended).toBe("SIGKILL");
  const seen = new Seen<string>();
  await scene.consumer({
    handlers: [
      on(scene.Order, ({ id }, { attempt, redelivered }) => {
        ledger.end(id);
        seen.add(`${id} ${attempt}${redelivered ? " again" : ""}`);
      }),
    ],
  });
  await seen.until(2);
  expect(await scene.left()).toEqual(nothingLeft);
  ledger.drained();
  expect(seen.items.toSorted()).toEqual(["a 1 again", "a 2"]);
  expect(ledger.problems()).toEqual([]);
  expect(ledger.audit().duplicates).toBe(1);
});

test("[C17] a message that ends its process is counted across the crashes and dead-lettered; with a prefetch of 1 no other one is", async () => {
  await using scene = await createScene(broker.url, { queue: { deliveryLimit: 2 } });
  const innocents = Array.from({ length: 5 }, (_, index) => `innocent-${index}`);
  for (const id of ["poison", ...innocents]) await scene.order(id);
  const counts: string[] = [];
  for (let crash = 0; crash < 3; crash++) {
    const child = service(scene, "exit");
    expect(await child.ended).toBe(70);
    counts.push(...child.lines.items.filter((line) => line.startsWith("count")));
  }
  expect(counts).toEqual(["count 0", "count 1", "count 2"]);
  const [dead] = await scene.take(1);
  expect(dead).toMatchObject({
    messageId: "poison",
    headers: { "x-first-death-reason": "delivery_limit" },
  });
  const handled = new Seen<string>();
  await scene.consumer({ handlers: [on(scene.Order, ({ id }) => handled.add(id))] });
  await handled.until(innocents.length);
  expect(handled.items).toEqual(innocents);
  expect(await scene.left()).toEqual(nothingLeft);
});
