import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { EmbeddedBroker } from "../embedded-broker.ts";
import { startEmbeddedBroker } from "../start-embedded-broker.ts";
import { RawClient } from "./raw-client.test-support.ts";

let broker: EmbeddedBroker;
let client: RawClient;
beforeAll(async () => {
  broker = await startEmbeddedBroker();
});
afterAll(() => broker.close());
beforeEach(async () => {
  client = await RawClient.open({ port: broker.port });
  await client.declare("q", { exclusive: true });
});
afterEach(() => client.end());

async function transact(what: "select" | "commit" | "rollback"): Promise<void> {
  client.send(1, `tx.${what}`, {});
  await client.next(`tx.${what}-ok`);
}

async function readyCount(): Promise<number> {
  return (await client.declare("q", { exclusive: true })).messageCount;
}

test("what is published is stored with the commit, and forgotten with a rollback", async () => {
  await transact("select");
  client.publish({ routingKey: "q" });
  client.publish({ routingKey: "q" });
  expect(await readyCount()).toBe(0);
  await transact("commit");
  expect(await readyCount()).toBe(2);
  client.publish({ routingKey: "q" });
  await transact("rollback");
  await transact("commit");
  expect(await readyCount()).toBe(2);
});

test("what cannot be routed comes back with the commit, before its answer", async () => {
  await transact("select");
  client.publish({ routingKey: "nobody", mandatory: true }, "lost");
  await client.settled();
  client.send(1, "tx.commit", {});
  await client.next("basic.return");
  expect(await client.content()).toBe("lost");
  await client.next("tx.commit-ok");
});

test("an unknown exchange is refused at once", async () => {
  await transact("select");
  client.publish({ exchange: "nowhere" });
  expect(await client.refusal()).toBe("NOT_FOUND - no exchange 'nowhere' in vhost '/'");
});

test("an ack counts with the commit, and is forgotten with a rollback", async () => {
  client.publish({ routingKey: "q" });
  await transact("select");
  client.get("q");
  await client.next("basic.get-ok");
  await client.content();
  client.ack(1);
  await transact("rollback");
  client.ack(1);
  await transact("commit");
  client.ack(1);
  expect(await client.refusal()).toBe("PRECONDITION_FAILED - unknown delivery tag 1");
  client.send(1, "channel.close-ok", {});
  await client.openChannel(1);
  expect(await readyCount()).toBe(0);
});

test("what is rolled back has its old place among the tags", async () => {
  for (let index = 0; index < 3; index += 1) client.publish({ routingKey: "q" });
  await transact("select");
  for (let index = 0; index < 3; index += 1) {
    client.get("q");
    await client.next("basic.get-ok");
    await client.content();
  }
  client.ack(2);
  await transact("rollback");
  client.ack(2, true);
  client.ack(2);
  expect(await client.refusal()).toBe("PRECONDITION_FAILED - unknown delivery tag 2");
});

test("what was settled and not committed goes back when the channel is closed", async () => {
  client.publish({ routingKey: "q" });
  await transact("select");
  client.get("q");
  await client.next("basic.get-ok");
  await client.content();
  client.ack(1);
  client.publish({ routingKey: "q" });
  client.send(1, "channel.close", { replyCode: 200, replyText: "", classId: 0, methodId: 0 });
  await client.next("channel.close-ok");
  await client.openChannel(1);
  expect(await readyCount()).toBe(1);
});

test.each([
  [
    "confirm.select after tx.select",
    ["tx.select", "confirm.select"],
    "cannot switch from tx to confirm mode",
  ],
  [
    "tx.select after confirm.select",
    ["confirm.select", "tx.select"],
    "cannot switch from confirm to tx mode",
  ],
  ["tx.commit without tx.select", ["tx.commit"], "channel is not transactional"],
  ["tx.rollback without tx.select", ["tx.rollback"], "channel is not transactional"],
] as const)("%s closes the channel", async (_, methods, text) => {
  for (const method of methods) {
    if (method === "confirm.select") client.send(1, method, { noWait: true });
    else client.send(1, method, {});
  }
  if (methods[0] === "tx.select") await client.next("tx.select-ok");
  expect(await client.refusal()).toBe(`PRECONDITION_FAILED - ${text}`);
});

test("what was settled goes back when the commit fails", async () => {
  client.publish({ routingKey: "q" });
  client.send(1, "exchange.declare", {
    exchange: "internal",
    type: "fanout",
    passive: false,
    durable: false,
    autoDelete: false,
    internal: true,
    noWait: false,
    arguments: new Map(),
  });
  await client.next("exchange.declare-ok");
  await transact("select");
  client.get("q");
  await client.next("basic.get-ok");
  await client.content();
  client.ack(1);
  client.publish({ exchange: "internal" });
  client.send(1, "tx.commit", {});
  expect(await client.refusal()).toContain("cannot publish to internal exchange 'internal'");
  client.send(1, "channel.close-ok", {});
  await client.openChannel(1);
  expect(await readyCount()).toBe(1);
});
