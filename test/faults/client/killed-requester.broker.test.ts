import { reply } from "@warren/consumer";
import { startFaultProxy } from "@warren/testing";
import { useBroker } from "@warren/testing/vitest";
import { expect, test } from "vitest";
import { Gate, Seen } from "../../guarantees/seen.ts";
import { WireRules } from "../checkers/wire-rules.ts";
import { startChild } from "./child.ts";
import { createScene, nothingLeft } from "./client-scene.ts";

const broker = useBroker();

test("[C36] the late answer to a requester that was killed is dropped, its request acknowledged, and the next one answered", async () => {
  await using proxy = await startFaultProxy({ target: broker });
  await using scene = await createScene(broker.url, { by: proxy.url(broker.url) });
  const rules = new WireRules();
  using frames = proxy.frames(rules.frame);
  const [asked, gate] = [new Seen<string>(), new Gate()];
  const consumer = await scene.consumer({
    handlers: [
      reply(scene.Order, async ({ id }) => {
        asked.add(id);
        if (id === "killed") await gate.opened;
        return { answered: id };
      }),
    ],
  });
  const doomed = startChild("./requester.program.ts", broker.url, scene.exchange, "killed");
  await asked.until(1);
  doomed.kill("SIGKILL");
  expect(await doomed.ended).toBe("SIGKILL");
  gate.open();
  await consumer.idle();
  const next = startChild("./requester.program.ts", broker.url, scene.exchange, "next");
  expect(await next.ended).toBe(0);
  expect(next.lines.items).toEqual(['{"answered":"next"}']);
  expect(doomed.lines.items).toEqual([]);
  expect(await scene.left()).toEqual(nothingLeft);
  expect(asked.items).toEqual(["killed", "next"]);
  expect(rules.problems()).toEqual([]);
  expect(frames.count("channel.close", "toClient")).toBe(0);
});
