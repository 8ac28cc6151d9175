import { connect, type Connection } from "@warren/connection";
import { createConsumer, onAny } from "@warren/consumer";
import { type ConnectionError, diagnostics, type PublishError } from "@warren/message";
import { createPublisher } from "@warren/publisher";
import { type RabbitMqNode, startFaultProxy, startRabbitMq } from "@warren/testing";
import { testOnRabbitMq, useBroker } from "@warren/testing/vitest";
import { afterAll, beforeAll, expect } from "vitest";
import { Scene } from "../../guarantees/scene.ts";
import { recorded, Seen } from "../../guarantees/seen.ts";
import { SettleOnce } from "../checkers/settle-once.ts";
import { TotalQueue } from "../checkers/total-queue.ts";
import { WireRules } from "../checkers/wire-rules.ts";

const test = await testOnRabbitMq();
const other = useBroker();
const reconnect = { baseMs: 20, maxMs: 200 };
const durable = { durable: true, exclusive: false, autoDelete: false, arguments: {} };
let node: RabbitMqNode;

beforeAll(async () => {
  node = await startRabbitMq();
});
afterAll(() => node.close());

async function becomes(connection: Connection, kind: Connection["state"]["kind"]): Promise<void> {
  if (connection.state.kind === kind) return;
  for await (const { to } of connection.status()) if (to === kind) return;
}

test("[B3] of a node that is killed only transient messages are gone, and those that are not lost are there once", async () => {
  const queue = "half transient";
  await using connection = await connect(node.url, { reconnect });
  await connection.channels.withChannel((channel) => channel.declareQueue(queue, durable));
  await using publisher = createPublisher(connection, { maxInFlight: 50 });
  const ledger = new TotalQueue();
  const ids = Array.from({ length: 400 }, (_, index) => `${index % 2 === 0 ? "kept" : "transient"} ${index}`);
  await Promise.all(
    ids.map(async (id) => {
      const persistent = id.startsWith("kept");
      ledger.attempt(id);
      await publisher.publish({
        exchange: "",
        routingKey: queue,
        messageId: id,
        persistent,
        body: Buffer.from(id),
      });
      // A transient message is confirmed as soon as it is queued, and promised to nobody.
      if (persistent) ledger.confirm(id);
    }),
  );
  await node.kill();
  await node.start();
  await publisher.publish({ exchange: "", routingKey: queue, messageId: "last", body: Buffer.from("last") });
  const read = new Seen<string>();
  await using consumer = createConsumer(connection, {
    queue,
    concurrency: 1,
    handlers: [onAny(({ messageId }) => read.add(messageId ?? ""))],
  });
  await consumer.start();
  await read.until((all) => all.includes("last"));
  for (const id of read.items) if (id !== "last") ledger.end(id);
  ledger.drained();
  expect(ledger.problems()).toEqual([]);
  expect(ledger.audit().duplicates).toBe(0);
  expect(read.items.filter((id) => id.startsWith("transient"))).toEqual([]);
  await consumer.stop();
  await connection.channels.withChannel((channel) => channel.deleteQueue(queue));
});

test("[B4] publishes to a frozen node settle at their deadline as maybe stored, later ones as not, and go on when it thaws", async () => {
  const queue = "frozen";
  await using connection = await connect(node.url, { reconnect, heartbeatSeconds: 30 });
  await connection.channels.withChannel((channel) => channel.declareQueue(queue, durable));
  await using publisher = createPublisher(connection, { maxInFlight: 10 });
  const publish = (options?: { deliveryTimeoutMs: number }): Promise<unknown> =>
    publisher.publish({ exchange: "", routingKey: queue, body: Buffer.from("x") }, options);
  await publish();
  const settles = new SettleOnce();
  node.pause();
  const frozen = Array.from({ length: 30 }, (_, index) =>
    settles.watch(
      `${index}`,
      publish({ deliveryTimeoutMs: 500 }).catch((error: PublishError) => error),
    ),
  );
  const problems = await settles.problems(5_000);
  node.resume();
  expect(problems).toEqual([]);
  const told = (await Promise.all(frozen)) as PublishError[];
  expect(new Set(told.map(({ code }) => code))).toEqual(new Set(["PUBLISH_TIMEOUT"]));
  const maybe = told.filter(({ outcome }) => outcome.stored === "maybe").length;
  // Those whose turn came when the first window gave up may have been written just before their own deadline.
  expect(maybe).toBeGreaterThanOrEqual(10);
  expect(maybe).toBeLessThan(30);
  await expect(publish()).resolves.toMatchObject({ status: "confirmed" });
  expect(connection.state.kind).toBe("open");
  await connection.channels.withChannel((channel) => channel.deleteQueue(queue));
});

test.each([
  ["memory", (on: boolean) => node.memoryAlarm(on)],
  ["disk", (on: boolean) => node.diskAlarm(on)],
])(
  "[B5, B6] in a %s alarm not one publish is written, acks are, and each publish is written once after it",
  async (_resource, alarm) => {
    await using scene = new Scene(node.url);
    await using proxy = await startFaultProxy({ target: node });
    const rules = new WireRules();
    using frames = proxy.frames(rules.frame);
    await using connection = await connect(proxy.url(node.url), { reconnect, topology: scene.topology });
    await using publisher = createPublisher(connection, { maxInFlight: 5, maxWaiting: 100 });
    for (let id = 0; id < 20; id++) await publisher.publish(scene.Order, { id: `before ${id}` });
    await alarm(true);
    // RabbitMQ tells a connection that it is blocked when it publishes.
    const first = publisher.publish(scene.Order, { id: "first" });
    await becomes(connection, "blocked");
    const waiting = Array.from({ length: 50 }, (_, id) => publisher.publish(scene.Order, { id: `${id}` }));
    const handled = new Seen<string | undefined>();
    await using consumer = createConsumer(connection, {
      queue: scene.queue,
      prefetch: 2,
      handlers: [onAny(({ messageId }) => handled.add(messageId))],
    });
    await consumer.start();
    await handled.until(20);
    const before = frames.count("basic.publish", "toServer");
    expect(before).toBe(21);
    await alarm(false);
    for (const confirmed of await Promise.all([first, ...waiting]))
      expect(confirmed).toMatchObject({ status: "confirmed", attempts: 1 });
    await handled.until(71);
    expect(new Set(handled.items).size).toBe(71);
    expect(rules.problems()).toEqual([]);
  },
);

test("[B12] a channel that is lost to an unknown tag is made again and counted, and nobody else notices", async () => {
  const queue = "miscounted";
  await using connection = await connect(node.url, { reconnect });
  await connection.channels.withChannel((channel) => channel.declareQueue(queue, durable));
  using closed = recorded<{ error: { code: string }; rebuilding: boolean }>(diagnostics.channelClosed);
  using states = recorded<{ to: string }>(diagnostics.connectionState);
  const [ups, tags] = [new Seen<number>(), new Seen<readonly [number, number]>()];
  const raw = connection.channels.consume({
    queue,
    prefetch: 5,
    delivered: ({ fields }, generation) => tags.add([generation, fields.deliveryTag]),
    up: (_tag, generation) => ups.add(generation),
  });
  await ups.until(1);
  await using publisher = createPublisher(connection);
  await publisher.publish({ exchange: "", routingKey: queue, body: Buffer.from("x") });
  const [[generation, tag]] = (await tags.until(1)) as [[number, number]];
  raw.ack(generation, tag + 7, false);
  await tags.until(2);
  await ups.until(2);
  expect(closed.items).toMatchObject([{ error: { code: "BROKER_PRECONDITION_FAILED" }, rebuilding: true }]);
  expect(states.items.filter(({ to }) => to === "reconnecting")).toEqual([]);
  const [again, tagAgain] = tags.items[1]!;
  expect(again).toBeGreaterThan(generation);
  raw.ack(again, tagAgain, false);
  await raw.close();
  const { messageCount } = await connection.channels.withChannel((channel) => channel.deleteQueue(queue));
  expect(messageCount).toBe(0);
});

test("[B35] while listeners are suspended live links go on, new ones wait with growing pauses, and another host is taken", async () => {
  await using live = await connect(node.url, { reconnect });
  await using publisher = createPublisher(live);
  const toNobody = { exchange: "amq.fanout", routingKey: "", body: Buffer.from("x") };
  const publish = (): Promise<unknown> => publisher.publish({ ...toNobody, mandatory: false });
  await publish();
  await node.ctl("suspend_listeners");
  try {
    await expect(publish()).resolves.toMatchObject({ status: "confirmed", attempts: 1 });
    using failed = recorded<{ error: { code: string }; attempt: number }>(diagnostics.connectFailed);
    const startedAt = performance.now();
    const waiting = connect(node.url, { reconnect: { baseMs: 100, maxMs: 400 }, random: () => 1 });
    await failed.until(5);
    // 100, 200, 400 and 400 ms stand between five attempts.
    expect(performance.now() - startedAt).toBeGreaterThan(1_100);
    expect(new Set(failed.items.map(({ error }) => error.code))).toEqual(new Set(["CONNECTION_REFUSED"]));
    await using elsewhere = await connect([node.url, other.url], { reconnect });
    expect(elsewhere.state.kind).toBe("open");
    await node.ctl("resume_listeners");
    await using back = await waiting;
    expect(back.state.kind).toBe("open");
  } finally {
    await node.ctl("resume_listeners");
  }
  expect(live.state.kind).toBe("open");
});

test("[B14] a limit of channels, over which RabbitMQ closes the connection, is told as such and tried with growing pauses", async () => {
  await node.addUser({ name: "narrow", password: "n", permissions: { "/": {} } });
  await node.ctl("set_user_limits", "narrow", `{"max-channels": 1}`);
  await using connection = await connect(`amqp://narrow:n@127.0.0.1:${node.port}`, {
    reconnect: { baseMs: 40, maxMs: 300 },
    random: () => 1,
  });
  using states = recorded<{ to: string; error?: ConnectionError }>(diagnostics.connectionState);
  const open = new Seen<string>();
  const startedAt = performance.now();
  for (const name of ["one", "two"])
    connection.channels.supervise("consume", {
      name,
      confirm: false,
      up: () => open.add(name),
      down: () => open.items.splice(open.items.indexOf(name), 1),
      failed: () => open.add("failed"),
    });
  const losses = (): readonly ConnectionError[] =>
    states.items.flatMap(({ to, error }) => (to === "reconnecting" && error !== undefined ? [error] : []));
  await states.until(() => losses().length >= 5);
  expect(performance.now() - startedAt).toBeGreaterThan(40 + 80 + 160 + 300);
  for (const error of losses()) expect(error.message).toContain("maximum allowed user limit of (1)");
  await node.ctl("clear_user_limits", "narrow", "max-channels");
  await open.until((names) => names.length === 2);
  expect(open.items.toSorted()).toEqual(["one", "two"]);
});
