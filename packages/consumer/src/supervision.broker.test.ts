import { diagnostics } from "@warren/message";
import { startFaultProxy } from "@warren/testing";
import { describeRabbitMq, useBroker } from "@warren/testing/vitest";
import { describe, expect, it } from "vitest";
import { on } from "./handling/handler.ts";
import { becomes, createWorld, Gate, recorded, Seen } from "./world.test-support.ts";

const broker = useBroker();

describe("a consumer that lost something", () => {
  it("[C6, N1] acknowledges nothing on the new channel for a handler of the old one", async () => {
    await using proxy = await startFaultProxy({ target: { port: Number(new URL(broker.url).port) } });
    await using world = await createWorld(broker.url, {}, proxy.url(broker.url));
    await using other = await createWorld(broker.url);
    using stale = recorded<{ deliveryTag: number }>(diagnostics.staleSettle);
    const [begun, gate, elsewhere] = [new Seen<string>(), new Gate(), new Seen<string>()];
    const consumer = await world.started({
      prefetch: 1,
      handlers: [
        on(world.Order, async (order) => {
          begun.add(order.id);
          if (order.id === "m1") await gate.opened;
          else await new Promise(() => undefined);
        }),
      ],
    });
    await world.order("m1");
    await begun.until(1);
    const wasLost = becomes(consumer, "recovering");
    proxy.reset();
    proxy.refuse();
    await wasLost;
    // Another consumer handles m1 meanwhile.
    const second = other.consumer({
      queue: world.queue.name,
      handlers: [on(world.Order, (order) => void elsewhere.add(order.id))],
    });
    await second.start();
    await elsewhere.until(1);
    await second.stop();
    await proxy.heal();
    await becomes(consumer, "consuming");
    // m2 has tag 1 on the new channel, which m1 had on the old one.
    await world.order("m2");
    await begun.until(2);
    gate.open();
    await stale.until(1);
    expect(consumer.staleSettleCount).toBe(1);
    await world.connection.close({ timeoutMs: 200 });
    const [redelivered] = await world.take(1, world.queue.name);
    expect(redelivered!.properties.messageId).toBe("m2");
    expect(elsewhere.items).toEqual(["m1"]);
  });

  it("aborts the signal of a handler whose channel is gone", async () => {
    await using proxy = await startFaultProxy({ target: { port: Number(new URL(broker.url).port) } });
    await using world = await createWorld(broker.url, {}, proxy.url(broker.url));
    const [begun, aborted] = [new Seen<string>(), new Seen<string>()];
    await world.started({
      handlers: [
        on(world.Order, async (order, { signal, redelivered }) => {
          begun.add(order.id);
          if (redelivered) return;
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
          aborted.add(order.id);
        }),
      ],
    });
    await world.order("a");
    await begun.until(1);
    proxy.reset();
    expect(await aborted.until(1)).toEqual(["a"]);
    expect(await begun.until(2)).toEqual(["a", "a"]);
  });

  it("[N1, N7] holds no more than its prefetch when it comes back", async () => {
    await using proxy = await startFaultProxy({ target: { port: Number(new URL(broker.url).port) } });
    await using world = await createWorld(broker.url, {}, proxy.url(broker.url));
    const [begun, gate] = [new Seen<string>(), new Gate()];
    const consumer = await world.started({
      prefetch: 2,
      handlers: [
        on(world.Order, async (order) => {
          begun.add(order.id);
          await gate.opened;
        }),
      ],
    });
    for (let id = 0; id < 10; id++) await world.order(`${id}`);
    await begun.until(2);
    proxy.reset();
    await begun.until(4);
    expect(await world.ready()).toBe(8);
    expect(consumer.heldCount).toBe(2);
    gate.open();
    await consumer.idle();
  });

  it("[B15] declares a deleted queue again, with its bindings, and consumes on", async () => {
    await using world = await createWorld(broker.url);
    const seen = new Seen<string>();
    const consumer = await world.started({ handlers: [on(world.Order, (order) => void seen.add(order.id))] });
    const wasLost = becomes(consumer, "recovering");
    await world.plain.deleteQueue(world.queue.name);
    await wasLost;
    await becomes(consumer, "consuming");
    await world.order("after");
    await seen.until(1);
    expect(seen.items).toEqual(["after"]);
  });

  it("[B15] consumes again as soon as the broker has cancelled it, without waiting for a look at the queue", async () => {
    await using world = await createWorld(broker.url);
    const hourMs = 3_600_000;
    const seen = new Seen<string>();
    const consumer = await world.started({
      checkIntervalMs: hourMs,
      stalledAfterMs: hourMs,
      consumerTimeoutMs: 10 * hourMs,
      handlers: [on(world.Order, (order) => void seen.add(order.id))],
    });
    const wasLost = becomes(consumer, "recovering");
    await world.plain.deleteQueue(world.queue.name);
    await wasLost;
    await becomes(consumer, "consuming");
    await world.order("after");
    expect(await seen.until(1)).toEqual(["after"]);
  }, 20_000);

  it("[B15] does not declare a queue that is only known by name, and comes back when someone else has", async () => {
    await using world = await createWorld(broker.url);
    const queue = broker.name("by-name");
    const options = { durable: true, exclusive: false, autoDelete: false, arguments: {} };
    await world.plain.declareQueue(queue, options);
    const seen = new Seen<string>();
    using closed = recorded<{ channel: string; error: { code: string } }>(diagnostics.channelClosed);
    const consumer = await world.started({
      queue,
      handlers: [on(world.Order, (order) => void seen.add(order.id))],
    });
    await world.plain.deleteQueue(queue);
    await closed.until((all) => all.some(({ error }) => error.code === "BROKER_NOT_FOUND"));
    expect(consumer.state.kind).toBe("recovering");
    expect(consumer.healthy()).toBe(false);
    await world.plain.declareQueue(queue, options);
    await becomes(consumer, "consuming");
    await world.plain.deleteQueue(queue);
  });

  it("[B11] fails for good, and says so, when its queue comes back with other settings", async () => {
    await using world = await createWorld(broker.url);
    const consumer = await world.started({ handlers: [on(world.Order, () => undefined)] });
    await consumer.pause();
    await world.plain.deleteQueue(world.queue.name);
    await world.plain.declareQueue(world.queue.name, {
      durable: true,
      exclusive: false,
      autoDelete: false,
      arguments: {},
    });
    await consumer.resume();
    const failed = becomes(consumer, "failed");
    await world.plain.deleteQueue(world.queue.name);
    await world.plain.declareQueue(world.queue.name, {
      durable: true,
      exclusive: false,
      autoDelete: false,
      arguments: {},
    });
    await failed;
    expect(consumer.state).toMatchObject({ error: { code: "BROKER_PRECONDITION_FAILED" } });
    expect(world.connection.healthy()).toBe(false);
    await world.plain.deleteQueue(world.queue.name);
  });

  it("[C7] finishes what it holds on a channel that the broker closed, as counted no-ops", async () => {
    await using world = await createWorld(broker.url);
    const [begun, gate] = [new Seen<string>(), new Gate()];
    const consumer = await world.started({
      handlers: [
        on(world.Order, async (order) => {
          if (begun.add(order.id) === 1) await gate.opened;
        }),
      ],
    });
    await world.order("a");
    await begun.until(1);
    await world.plain.deleteQueue(world.queue.name);
    await becomes(consumer, "recovering");
    using stale = recorded<{ deliveryTag: number }>(diagnostics.staleSettle);
    gate.open();
    await stale.until(1);
    await becomes(consumer, "consuming");
    await world.order("b");
    expect(await begun.until(2)).toEqual(["a", "b"]);
  });

  it("renews a consumer to which nothing comes although messages are ready", async (context) => {
    if (broker.kind === "embedded") context.skip("Only a RabbitMQ can be made to forget a consumer.");
    await using proxy = await startFaultProxy({ target: { port: Number(new URL(broker.url).port) } });
    await using world = await createWorld(broker.url, {}, proxy.url(broker.url));
    using frames = proxy.frames();
    const seen = new Seen<string>();
    const consumer = await world.started({
      checkIntervalMs: 50,
      handlers: [on(world.Order, (order) => void seen.add(order.id))],
    });
    const before = frames.count("basic.consume", "toServer");
    // The broker loses the consumer without a word, as after a failed queue leader.
    await loseConsumer(world.queue.name);
    await world.order("a");
    await seen.until(1);
    expect(frames.count("basic.consume", "toServer")).toBeGreaterThan(before);
    await becomes(consumer, "consuming");
  });
});

async function loseConsumer(queue: string): Promise<void> {
  await broker.control.evalErlang(`begin
    {ok, Q} = rabbit_amqqueue:lookup(rabbit_misc:r(<<"${broker.vhost}">>, queue, <<"${queue}">>)),
    [ra:process_command(amqqueue:get_pid(Q),
      rabbit_fifo:make_checkout({element(2, C), element(1, C)}, cancel, #{})) || C <- rabbit_amqqueue:consumers(Q)],
    ok end`);
}

describeRabbitMq("consumer timeout", {}, (node) => {
  it("[B17] aborts nothing that finished, takes the message again and goes on consuming", async () => {
    await node().evalErlang(
      "[application:set_env(rabbit, Key, 500) || Key <- [consumer_timeout, channel_tick_interval]]",
    );
    await using world = await createWorld(node().url);
    using slow = recorded<{ runningMs: number }>(diagnostics.slowHandler);
    using closed = recorded<{ error: { code: string; replyCode?: number } }>(diagnostics.channelClosed);
    const attempts = new Seen<boolean>();
    const consumer = await world.started({
      consumerTimeoutMs: 500,
      handlers: [
        on(world.Order, async (_order, { signal, redelivered }) => {
          attempts.add(redelivered);
          if (!redelivered) await new Promise((resolve) => signal.addEventListener("abort", resolve));
        }),
      ],
    });
    await world.order("slow");
    await closed.until((all) => all.some(({ error }) => error.code === "BROKER_PRECONDITION_FAILED"));
    expect(slow.items).toHaveLength(1);
    expect(slow.items[0]!.runningMs).toBeGreaterThanOrEqual(400);
    await attempts.until(2);
    await consumer.idle();
    expect(attempts.items).toEqual([false, true]);
    expect(consumer.staleSettleCount).toBe(1);
    expect(consumer.state.kind).toBe("consuming");
  });
});

describeRabbitMq("a memory alarm", {}, (node) => {
  it("[B5, B7] lets acks go on while moves wait, and stop() return", async () => {
    await using world = await createWorld(node().url);
    const seen = new Seen<string>();
    const consumer = await world.started({
      concurrency: 1,
      prefetch: 2,
      handlers: [
        on(world.Order, ({ id }) => {
          if (seen.add(id) === 1) throw new Error("boom");
        }),
      ],
    });
    await consumer.pause();
    for (const id of ["bad", "a", "b", "c", "d", "e"]) await world.order(id);
    await node().memoryAlarm(true);
    await consumer.resume();
    // With a prefetch of 2, one of which the failed message keeps, each of these needs the ack of the one before.
    expect(await seen.until(6)).toEqual(["bad", "a", "b", "c", "d", "e"]);
    expect(consumer.heldCount).toBe(1);
    const before = performance.now();
    await consumer.stop({ timeoutMs: 1_000 });
    expect(performance.now() - before).toBeLessThan(1_500);
    await node().memoryAlarm(false);
    const [back] = await world.take(1, world.queue.name);
    expect(back!.properties.messageId).toBe("bad");
  });
});
