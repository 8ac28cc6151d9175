import { join } from "node:path";
import { connect, countMessages } from "@warren/connection";
import { useBroker } from "@warren/testing/vitest";
import { expect, test } from "vitest";
import { type Program, runProgram } from "../program.test-support.ts";
import { topology } from "./topology.ts";

const broker = useBroker();

const run = (program: string): Program =>
  runProgram(join(import.meta.dirname, program), { AMQP_URL: broker.url, PORT: "0" });

test("orders are quoted, charged, shipped in order, counted and accounted for, until SIGTERM ends the service", async () => {
  const service = run("main.ts");
  await service.says("ready on port ");
  const port = /ready on port (\d+)/.exec(service.output())![1];

  const shop = run("place-orders.ts");
  expect(await shop.ended, shop.output()).toBe(0);
  expect(shop.output()).toBe("an order costs 12\nplaced 20 orders and cancelled one\n");
  await service.says("charged o-17\n");
  await service.says("unpacks o-4 of c-1\n");
  await service.says("counted 20\n");

  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  expect(metrics).toContain('warren_retries_total{queue="shop.billing"} 2\n');
  expect(metrics).toContain('warren_dead_letters_total{queue="shop.billing",code="HANDLER_FAILED"} 1\n');

  service.kill("SIGTERM");
  expect(await service.ended, service.output()).toBe("SIGTERM");

  const lines = service.output().split("\n");
  expect(lines.filter((line) => line.startsWith("charged "))).toHaveLength(19);
  expect(lines.filter((line) => line.endsWith(" for c-1"))).toEqual(
    [1, 4, 7, 10, 13, 16, 19].map((order) => `packs o-${order} for c-1`),
  );

  await using connection = await connect(broker.url, { topology, declare: "none" });
  expect(await countMessages(connection, topology.queues["shop.billing"])).toEqual({
    queue: 0,
    retry: 0,
    dead: 1,
  });
});
