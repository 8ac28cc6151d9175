import { connect } from "@warren/connection";
import type { PublishError } from "@warren/message";
import { type RabbitMqNode, startFaultProxy, startRabbitMq } from "@warren/testing";
import { testOnRabbitMq } from "@warren/testing/vitest";
import { afterAll, beforeAll, expect } from "vitest";
import { createPublisher, type Publisher } from "../publisher.ts";
import { declareQuorumQueue, runLedger } from "./fault-run.test-support.ts";

const test = await testOnRabbitMq();
const reconnect = { baseMs: 50, maxMs: 500 };
let node: RabbitMqNode;

beforeAll(async () => {
  node = await startRabbitMq();
});
afterAll(async () => {
  await node.close();
});

test("[B2] kill -9 of the broker under confirmed publishes loses nothing, and each publish settles once", async () => {
  const window = 1_000;
  const messages = 20_000;
  await declareQuorumQueue(node.url, "killed");
  await using connection = await connect(node.url, { reconnect });
  let restarted: Promise<void> | undefined;
  const ledger = await runLedger(connection, {
    queue: "killed",
    messages,
    options: { maxInFlight: window },
    settled: (count) => {
      if (count < messages / 2 || restarted !== undefined) return;
      restarted = node.kill().then(() => node.start());
    },
  });
  await restarted;
  expect(ledger).toMatchObject({
    outcomes: { confirmed: messages },
    lost: [],
    unexpected: [],
    inversions: 0,
  });
  expect(ledger.replays).toBeGreaterThan(0);
  expect(ledger.replays).toBeLessThanOrEqual(window);
  expect(ledger.duplicates).toBeLessThanOrEqual(ledger.replays);
}, 120_000);

test("a crash inside the broker for which no publish is to blame loses none, and they flow again afterwards", async () => {
  await declareQuorumQueue(node.url, "crashed");
  await using connection = await connect(node.url, { reconnect });
  const lost: unknown[] = [];
  connection.channels.socket("publish").onState((to) => {
    if (to.kind === "reconnecting") lost.push(to.error);
  });
  const messages = 4_000;
  let crashed: Promise<unknown> | undefined;
  const ledger = await runLedger(connection, {
    queue: "crashed",
    messages,
    options: { maxInFlight: 200 },
    settled: (count) => {
      if (count >= messages / 4)
        crashed ??= node.evalErlang("[exit(P, kill) || P <- rabbit_channel:list_local()]");
    },
  });
  await crashed;
  expect(lost).toMatchObject([{ context: { replyCode: 541 } }]);
  expect(ledger).toMatchObject({
    outcomes: { confirmed: messages },
    lost: [],
    unexpected: [],
    inversions: 0,
  });
  expect(ledger.replays).toBeGreaterThan(0);
}, 60_000);

test("[B5, B6] in an alarm publishers wait inside their bounds while acks go on, and close returns", async () => {
  await using connection = await connect(node.url, { reconnect });
  await connection.channels.withChannel((channel) =>
    channel.declareQueue("alarmed", { durable: true, exclusive: false, autoDelete: false, arguments: {} }),
  );
  const publisher = createPublisher(connection, { maxInFlight: 10, maxWaiting: 20 });
  const body = Buffer.from("x");
  const send = (): Promise<unknown> =>
    publisher.publish({ exchange: "", routingKey: "alarmed", body }).catch((error: PublishError) => error);
  for (let at = 0; at < 5; at++) await send();
  for (const alarm of [node.memoryAlarm.bind(node), node.diskAlarm.bind(node)]) {
    const blocked = stateOf(connection, "blocked");
    await alarm(true);
    const sends = Array.from({ length: 40 }, send);
    await blocked;
    const refused = await Promise.all(sends.slice(30));
    expect(refused.map((error) => (error as PublishError).code)).toEqual(
      Array(10).fill("PUBLISH_BUFFER_FULL"),
    );
    await ackOne(connection);
    const opened = stateOf(connection, "open");
    await alarm(false);
    await opened;
    expect((await Promise.all(sends.slice(0, 30))).every((outcome) => !(outcome instanceof Error))).toBe(
      true,
    );
  }
  const blocked = stateOf(connection, "blocked");
  await node.memoryAlarm(true);
  const last = Array.from({ length: 25 }, send);
  await blocked;
  await publisher.close({ timeoutMs: 300 });
  const outcomes = (await Promise.all(last)).map((error) => (error as PublishError).outcome);
  expect(outcomes.every(({ status }) => status === "unknown" || status === "refused")).toBe(true);
  expect(outcomes.filter(({ status }) => status === "refused").length).toBeGreaterThanOrEqual(15);
  await node.memoryAlarm(false);
}, 60_000);

test("[B5, N1] a connection that is lost in an alarm and comes back after it publishes what waited", async () => {
  await using proxy = await startFaultProxy({ target: node });
  await using connection = await connect(proxy.url(node.url), { reconnect });
  await connection.channels.withChannel((channel) =>
    channel.declareQueue("cut", { durable: true, exclusive: false, autoDelete: false, arguments: {} }),
  );
  await using publisher = createPublisher(connection);
  const send = () => publisher.publish({ exchange: "", routingKey: "cut", body: Buffer.from("x") });
  await send();
  const blocked = stateOf(connection, "blocked");
  await node.memoryAlarm(true);
  const first = send();
  await blocked;
  const waiting = send();
  proxy.refuse();
  const lost = stateOf(connection, "reconnecting");
  proxy.reset();
  await lost;
  await node.memoryAlarm(false);
  await proxy.heal();
  expect(await Promise.all([first, waiting])).toMatchObject([{ attempts: 2 }, { attempts: 1 }]);
}, 30_000);

test("[B13] a permission that is taken away refuses the publishes it concerns, and no others", async () => {
  await node.addUser({ name: "clerk", password: "clerk", permissions: { "/": {} } });
  await using admin = await connect(node.url);
  await admin.channels.withChannel(async (channel) => {
    const plain = { durable: true, autoDelete: false, internal: false, arguments: {} };
    for (const name of ["open", "closed"]) await channel.declareExchange(name, "fanout", plain);
  });
  await using connection = await connect(node.url.replace("guest:guest", "clerk:clerk"), { reconnect });
  const to = (publisher: Publisher, exchange: string): Promise<string> =>
    publisher.publish({ exchange, routingKey: "", body: Buffer.from("x"), mandatory: false }).then(
      ({ status }) => status,
      (error: PublishError) => error.outcome.status,
    );
  await using before = createPublisher(connection);
  expect(await to(before, "closed")).toBe("confirmed");
  await node.setPermissions("clerk", { configure: "", write: "^open$", read: "" });
  // A channel that has published keeps its permissions for a while, so this is asked on a new one.
  await using publisher = createPublisher(connection);
  const exchanges = Array.from({ length: 20 }, (_, at) => (at === 10 ? "closed" : "open"));
  const outcomes = await Promise.all(exchanges.map((exchange) => to(publisher, exchange)));
  expect(outcomes).toEqual(exchanges.map((exchange) => (exchange === "closed" ? "refused" : "confirmed")));
}, 60_000);

type AnyConnection = Awaited<ReturnType<typeof connect>>;

async function stateOf(connection: AnyConnection, kind: string): Promise<void> {
  for await (const { to } of connection.status()) if (to === kind) return;
}

/** Takes one message and acknowledges it; proves that the broker has read the ack: nothing is left to take. */
async function ackOne(connection: AnyConnection): Promise<void> {
  let acked = (): void => undefined;
  const done = new Promise<void>((resolve) => (acked = resolve));
  let count = 0;
  const consumer = connection.channels.consume({
    queue: "alarmed",
    prefetch: 1,
    delivered: ({ fields }, generation) => {
      consumer.ack(generation, fields.deliveryTag, false);
      // The second one comes only after the first ack was read.
      if (++count === 2) acked();
    },
  });
  await done;
  await consumer.close();
}
