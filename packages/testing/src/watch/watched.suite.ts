import amqplib, { type ChannelModel, type ConfirmChannel, type ConsumeMessage } from "amqplib";
import { defineMessage } from "@warren/message";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { WatchedBroker } from "./watched-broker.ts";
import { watchBroker } from "./watch-broker.ts";

interface Order {
  readonly id: string;
  readonly total: number;
}

const orderSchema = {
  "~standard": {
    version: 1 as const,
    vendor: "test",
    validate: (value: unknown): { value: Order } | { issues: readonly { message: string }[] } =>
      typeof (value as Order).id === "string"
        ? { value: value as Order }
        : { issues: [{ message: "no id" }] },
    types: undefined as { readonly input: Order; readonly output: Order } | undefined,
  },
};

const OrderPlaced = defineMessage({
  type: "order.placed",
  exchange: "orders",
  routingKey: "order.placed",
  schema: orderSchema,
});

/** What a watch sees and waits for, on whichever broker. Each test has names of its own. */
export function watchedSuite(broker: () => { readonly url: string }): void {
  let watched: WatchedBroker;
  let client: ChannelModel;
  let channel: ConfirmChannel;
  let prefix: string;
  let tests = 0;
  const declared: string[] = [];

  beforeEach(async () => {
    prefix = `watched-${process.pid}-${++tests}`;
    watched = await watchBroker(broker());
    client = await connected(watched.url);
    channel = await openChannel(client);
  });

  afterEach(async () => {
    await watched.close();
    const plain = await connected(broker().url);
    const cleaner = await plain.createChannel();
    for (const name of declared.splice(0)) await cleaner.deleteQueue(name);
    await plain.close();
  });

  async function connected(url: string): Promise<ChannelModel> {
    const connection = await amqplib.connect(url);
    connection.on("error", () => undefined);
    return connection;
  }

  async function openChannel(of: ChannelModel): Promise<ConfirmChannel> {
    const opened = await of.createConfirmChannel();
    opened.on("error", () => undefined);
    return opened;
  }

  async function queue(name: string, options: amqplib.Options.AssertQueue = {}): Promise<string> {
    const full = `${prefix}-${name}`;
    declared.push(full);
    await channel.assertQueue(full, { durable: true, ...options });
    return full;
  }

  /** Confirmed, with a message id. */
  async function place(
    to: string,
    order: Partial<Order>,
    options: amqplib.Options.Publish = {},
  ): Promise<void> {
    channel.publish("", to, Buffer.from(JSON.stringify(order)), {
      type: "order.placed",
      contentType: "application/json",
      mandatory: true,
      ...(order.id === undefined ? {} : { messageId: order.id }),
      ...options,
    });
    await channel.waitForConfirms();
  }

  /** A consumer that keeps what it gets. */
  async function consumer(
    of: string,
    got: (message: ConsumeMessage, on: ConfirmChannel) => void = () => undefined,
    on: ConfirmChannel = channel,
  ): Promise<string> {
    const { consumerTag } = await on.consume(of, (message) => message !== null && got(message, on));
    return consumerTag;
  }

  /** A consumer that acks nothing by itself; resolves once so many have reached it, which is later than the watch has seen them. */
  async function holder(of: string): Promise<(count: number) => Promise<readonly ConsumeMessage[]>> {
    const got: ConsumeMessage[] = [];
    let wake = (): void => undefined;
    await consumer(of, (message) => {
      got.push(message);
      wake();
    });
    return async (count) => {
      while (got.length < count) await new Promise<void>((resolve) => (wake = resolve));
      return got;
    };
  }

  async function unsettledText(): Promise<string> {
    const error: unknown = await watched.settled({ timeoutMs: 1 }).catch((thrown: unknown) => thrown);
    return error instanceof Error ? error.message : "settled";
  }

  describe("a spy", () => {
    test("tells what was published, decoded, with its properties", async () => {
      const billing = await queue("billing");
      const seen = watched.published(OrderPlaced);
      await place(billing, { id: "o-1", total: 42 }, { headers: { tenant: "t" }, priority: 3 });
      await expect(seen).resolves.toMatchObject({
        payload: { id: "o-1", total: 42 },
        exchange: "",
        routingKey: billing,
        messageId: "o-1",
        headers: { tenant: "t" },
        properties: { type: "order.placed", priority: 3 },
      });
      await expect(watched.published(OrderPlaced)).resolves.toMatchObject({ messageId: "o-1" });
    });

    test("tells the first that fits, or as many as are asked for", async () => {
      const billing = await queue("billing");
      for (const id of ["o-1", "o-2", "o-3"]) await place(billing, { id, total: 1 });
      const second = await watched.published(OrderPlaced, { where: ({ id }) => id !== "o-1" });
      expect(second.messageId).toBe("o-2");
      const three = await watched.published(OrderPlaced, { times: 3 });
      expect(three.map(({ payload }) => payload.id)).toEqual(["o-1", "o-2", "o-3"]);
    });

    test("says at its time limit what was seen instead", async () => {
      const billing = await queue("billing");
      await place(billing, { id: "o-1", total: 1 });
      await expect(
        watched.published(OrderPlaced, { where: ({ id }) => id === "o-2", timeoutMs: 20 }),
      ).rejects.toThrow(
        "published order.placed was awaited for 20 ms. Seen instead:\n  published: order.placed (id o-1) (left out: where returned false)",
      );
      await expect(watched.handled(OrderPlaced, { times: 2, timeoutMs: 20 })).rejects.toThrow(
        "handled order.placed was awaited for 20 ms, 2 times; it was seen 0 times. Seen instead:\n  published: order.placed (id o-1)",
      );
      watched.forget();
      await expect(watched.published({ type: "nobody's" }, { timeoutMs: 20 })).rejects.toThrow(
        'published {"type":"nobody\'s"} was awaited for 20 ms. Nothing like it was seen.',
      );
    });

    test("takes what does not fit the schema for none of that message", async () => {
      const billing = await queue("billing");
      await place(billing, {});
      expect(await watched.seen("published", OrderPlaced)).toEqual([]);
      expect(await watched.seen("published", { type: "order.placed" })).toMatchObject([{ payload: {} }]);
      await expect(watched.published(OrderPlaced, { timeoutMs: 20 })).rejects.toThrow(
        "bytes without a message id) (left out: does not fit the schema)",
      );
    });

    test("knows a message without a type by its exchange and routing key, and any by a pattern", async () => {
      const billing = await queue("billing");
      await channel.assertExchange(`${prefix}-orders`, "topic", { autoDelete: true });
      await channel.bindQueue(billing, `${prefix}-orders`, "order.#");
      const Placed = defineMessage({
        type: "order.placed",
        exchange: `${prefix}-orders`,
        routingKey: "order.placed.{id}",
        schema: orderSchema,
      });
      channel.publish(`${prefix}-orders`, "order.placed.o-1", Buffer.from('{"id":"o-1"}'), {
        contentType: "application/json",
      });
      channel.publish(`${prefix}-orders`, "order.cancelled.o-1", Buffer.from([1, 2]));
      await expect(watched.published(Placed)).resolves.toMatchObject({ payload: { id: "o-1" } });
      await expect(
        watched.published({ exchange: `${prefix}-orders`, routingKey: "order.cancelled.o-1" }),
      ).resolves.toMatchObject({ payload: Buffer.from([1, 2]) });
      expect(await watched.seen("published", Placed)).toHaveLength(1);
    });

    test("tells a publish that no queue wanted as returned, and not as published", async () => {
      await place(`${prefix}-nowhere`, { id: "o-1", total: 1 });
      await expect(watched.returned(OrderPlaced)).resolves.toMatchObject({ reason: "NO_ROUTE" });
      expect(await watched.seen("published", OrderPlaced)).toEqual([]);
      await watched.settled();
    });

    test("tells a publish that a full queue refused as refused", async () => {
      const billing = await queue("billing", { maxLength: 1, arguments: { "x-overflow": "reject-publish" } });
      await place(billing, { id: "o-1", total: 1 });
      await place(billing, { id: "o-2", total: 1 }).catch(() => undefined);
      expect(await watched.seen("refused", OrderPlaced)).toMatchObject([{ messageId: "o-2" }]);
      expect(await watched.seen("published", OrderPlaced)).toMatchObject([{ messageId: "o-1" }]);
    });

    test("tells what was handled once it is acked, and by whom", async () => {
      const billing = await queue("billing");
      const held = await holder(billing);
      await place(billing, { id: "o-1", total: 1 });
      await watched.delivered(OrderPlaced);
      expect(await watched.seen("handled", OrderPlaced)).toEqual([]);
      channel.ack((await held(1))[0]!);
      await expect(watched.handled(OrderPlaced)).resolves.toMatchObject({ queue: billing, attempt: 1 });
      await expect(watched.handled(OrderPlaced, { queue: "other", timeoutMs: 20 })).rejects.toThrow(
        `handled in ${billing}: order.placed (id o-1) (left out: not from the queue other)`,
      );
    });

    test("tells several messages that one ack ends", async () => {
      const billing = await queue("billing");
      const held = await holder(billing);
      for (const id of ["o-1", "o-2"]) await place(billing, { id, total: 1 });
      await watched.delivered(OrderPlaced, { times: 2 });
      channel.ack((await held(2))[1]!, true);
      await expect(watched.handled(OrderPlaced, { times: 2 })).resolves.toMatchObject([
        { messageId: "o-1" },
        { messageId: "o-2" },
      ]);
      await watched.settled();
    });

    test("tells a rejected message as dead-lettered where a queue gets it, and as dropped where none does", async () => {
      const dead = await queue("dead");
      const billing = await queue("billing", { deadLetterExchange: "", deadLetterRoutingKey: dead });
      const careless = await queue("careless");
      for (const name of [billing, careless])
        await consumer(name, (message, on) => on.reject(message, false));
      await place(billing, { id: "o-1", total: 1 });
      await place(careless, { id: "o-2", total: 1 });
      await expect(watched.deadLettered(OrderPlaced)).resolves.toMatchObject({
        messageId: "o-1",
        queue: billing,
        reason: "rejected",
      });
      await watched.settled();
      expect(await watched.seen("dropped", OrderPlaced)).toMatchObject([{ messageId: "o-2" }]);
    });

    test("counts the attempt that failed of what Warren's consumer moves, as the delivery does", async () => {
      const dead = await queue("dead");
      const wait = await queue("wait", {
        messageTtl: 3_600_000,
        deadLetterExchange: "",
        deadLetterRoutingKey: dead,
      });
      const billing = await queue("billing");
      const held = await holder(billing);
      const order = { id: "o-1", total: 1 };
      const failed = (attempt: number): amqplib.Options.Publish => ({
        headers: { "x-warren-origin-queue": billing, "x-warren-attempt": attempt },
      });
      await place(billing, order);
      await expect(watched.delivered(OrderPlaced)).resolves.toMatchObject({ attempt: 1 });
      await place(wait, order, failed(1));
      channel.ack((await held(1))[0]!);
      await expect(watched.retried(OrderPlaced)).resolves.toMatchObject({ attempt: 1, queue: billing });
      await place(billing, order, { headers: { "x-warren-attempt": 1 } });
      const deliveries = await watched.delivered(OrderPlaced, { times: 2 });
      expect(deliveries.map(({ attempt }) => attempt)).toEqual([1, 2]);
      await place(dead, order, failed(2));
      channel.ack((await held(2))[1]!);
      await expect(watched.deadLettered(OrderPlaced)).resolves.toMatchObject({ attempt: 2, queue: billing });
    });

    test("begins anew after forget()", async () => {
      const billing = await queue("billing");
      await place(billing, { id: "o-1", total: 1 });
      const next = watched.published(OrderPlaced, { times: 2 });
      watched.forget();
      await place(billing, { id: "o-2", total: 1 });
      await place(billing, { id: "o-3", total: 1 });
      expect((await next).map(({ messageId }) => messageId)).toEqual(["o-2", "o-3"]);
    });
  });

  describe("settled", () => {
    test("waits for what a consumer has in hand, and for what waits behind it", async () => {
      const billing = await queue("billing");
      await channel.prefetch(1);
      const held = await holder(billing);
      await place(billing, { id: "o-1", total: 1 });
      await place(billing, { id: "o-2", total: 1 });
      await watched.delivered(OrderPlaced);
      expect(await unsettledText()).toBe(
        "After 1 ms not every message has come to its end:\n" +
          `  order.placed (id o-1) is in the hands of a consumer of ${billing}, which has not acked it\n` +
          `  order.placed (id o-2) waits in ${billing} for its consumer`,
      );
      const settled = watched.settled();
      channel.ack((await held(1))[0]!);
      await watched.delivered(OrderPlaced, { times: 2 });
      channel.ack((await held(2))[1]!);
      await settled;
    });

    test("does not wait for queues that nobody consumes, nor for a consumer that was cancelled", async () => {
      const billing = await queue("billing");
      await place(billing, { id: "o-1", total: 1 });
      await watched.settled();
      expect(await watched.seen("delivered", OrderPlaced)).toEqual([]);
      const tag = await consumer(billing, (message, on) => on.ack(message));
      await watched.settled();
      expect(await watched.seen("handled", OrderPlaced)).toHaveLength(1);
      await channel.cancel(tag);
      await place(billing, { id: "o-2", total: 1 });
      await watched.settled();
      expect(await watched.seen("delivered", OrderPlaced)).toHaveLength(1);
    });

    test("waits for every copy that an exchange makes", async () => {
      await channel.assertExchange(`${prefix}-all`, "fanout", { autoDelete: true });
      const queues = [await queue("one"), await queue("two"), await queue("three")];
      for (const name of queues) await channel.bindQueue(name, `${prefix}-all`, "");
      const holders = await Promise.all(queues.map((name) => holder(name)));
      channel.publish(`${prefix}-all`, "", Buffer.from("{}"), { type: "order.placed", messageId: "o-1" });
      await channel.waitForConfirms();
      await watched.delivered({ type: "order.placed" }, { times: 3 });
      const [last, ...others] = (await Promise.all(holders.map((held) => held(1)))).flat();
      for (const message of others) channel.ack(message);
      await watched.handled({ type: "order.placed" }, { times: 2 });
      expect(await unsettledText()).toContain("is in the hands of a consumer of");
      channel.ack(last!);
      await watched.settled();
    });

    test("tells messages without an id apart by what is in them, and counts equal ones", async () => {
      const billing = await queue("billing");
      const held = await holder(billing);
      for (let copies = 0; copies < 2; copies++) await place(billing, { total: 7 });
      await watched.delivered({ type: "order.placed" }, { times: 2 });
      channel.ack((await held(1))[0]!);
      await watched.handled({ type: "order.placed" });
      expect(await unsettledText()).toContain("bytes without a message id) is in the hands");
      channel.ack((await held(2))[1]!);
      await watched.settled();
    });

    test("waits while a message waits for its next attempt", async () => {
      const billing = `${prefix}-billing`;
      const wait = await queue("wait", {
        messageTtl: 50,
        deadLetterExchange: "",
        deadLetterRoutingKey: billing,
      });
      await queue("billing", { deadLetterExchange: "", deadLetterRoutingKey: wait });
      let attempts = 0;
      await consumer(billing, (message, on) =>
        ++attempts < 3 ? on.reject(message, false) : on.ack(message),
      );
      await place(billing, { id: "o-1", total: 1 });
      await watched.deadLettered(OrderPlaced);
      expect(await unsettledText()).toContain(`waits in ${wait} until it expires and goes to ${billing}`);
      await watched.settled();
      expect(attempts).toBe(3);
    });

    test("waits for a consumer that broke off, until it has come back and acked", async () => {
      const billing = await queue("billing");
      await consumer(billing);
      await place(billing, { id: "o-1", total: 1 });
      await watched.delivered(OrderPlaced);
      const [connection] = watched.proxy.connections;
      watched.proxy.reset();
      await connection!.closed;
      expect(await unsettledText()).toContain(
        `waits in ${billing}, whose consumer broke off and has not come back`,
      );
      const again = await openChannel(await connected(watched.url));
      await consumer(billing, (message, on) => on.ack(message), again);
      await watched.settled();
      expect(await watched.seen("handled", OrderPlaced)).toHaveLength(1);
    });

    test("does not wait for a consumer whose channel was closed in order", async () => {
      const billing = await queue("billing");
      const other = await openChannel(client);
      await consumer(billing, () => undefined, other);
      await place(billing, { id: "o-1", total: 1 });
      await watched.delivered(OrderPlaced);
      expect(await unsettledText()).toContain("is in the hands of a consumer");
      await other.close();
      await expect(watched.settled()).resolves.toBeUndefined();
    });

    test("waits again for what was given back", async () => {
      const billing = await queue("billing");
      let deliveries = 0;
      await consumer(billing, (message, on) =>
        ++deliveries === 1 ? on.nack(message, false, true) : on.ack(message),
      );
      await place(billing, { id: "o-1", total: 1 });
      await watched.settled();
      expect(deliveries).toBe(2);
      expect(await watched.seen("requeued", OrderPlaced)).toHaveLength(1);
    });

    test("knows when a quorum queue gives a message up", async () => {
      const dead = await queue("dead");
      const billing = await queue("billing", {
        deadLetterExchange: "",
        deadLetterRoutingKey: dead,
        arguments: { "x-queue-type": "quorum", "x-delivery-limit": 2 },
      });
      await consumer(billing, (message, on) => on.nack(message, false, true));
      await place(billing, { id: "o-1", total: 1 });
      await expect(watched.deadLettered(OrderPlaced)).resolves.toMatchObject({
        queue: billing,
        reason: "came back more often than its delivery limit 2 allows",
      });
      await watched.settled();
      expect(await watched.seen("delivered", OrderPlaced)).toHaveLength(3);
    });

    test("takes what is gone with a purge or its queue for settled", async () => {
      const [one, two] = [await queue("one"), await queue("two")];
      await channel.prefetch(1);
      for (const name of [one, two]) {
        await consumer(name);
        for (const id of ["o-1", "o-2"]) await place(name, { id, total: 1 });
      }
      await watched.delivered(OrderPlaced, { times: 2 });
      await channel.purgeQueue(one);
      await channel.deleteQueue(two);
      expect((await unsettledText()).split("\n").slice(1)).toEqual([
        `  order.placed (id o-1) is in the hands of a consumer of ${one}, which has not acked it`,
      ]);
    });

    test("takes what is gone with its connection or its last consumer for settled", async () => {
      const other = await openChannel(await connected(watched.url));
      const { queue: own } = await other.assertQueue("", { exclusive: true });
      await consumer(own, () => undefined, other);
      await place(own, { id: "o-1", total: 1 });
      await channel.assertQueue(`${prefix}-auto`, { autoDelete: true });
      const tag = await consumer(`${prefix}-auto`);
      await place(`${prefix}-auto`, { id: "o-2", total: 1 });
      await watched.delivered(OrderPlaced, { times: 2 });
      await channel.cancel(tag);
      const [, connection] = watched.proxy.connections;
      expect(await unsettledText()).toContain(`is in the hands of a consumer of ${own}`);
      connection!.reset();
      await expect(watched.settled()).resolves.toBeUndefined();
    });

    test("waits for the broker's answer to every publish", async () => {
      const billing = await queue("billing");
      watched.proxy.blackHole("toClient");
      channel.sendToQueue(billing, Buffer.from("{}"), { type: "order.placed", messageId: "o-1" });
      await watched.proxy.frames().next("basic.publish");
      expect(await unsettledText()).toContain(
        "order.placed (id o-1) was published, and the broker has not answered yet",
      );
      await watched.proxy.heal();
      await watched.settled();
    });

    test("is not held up by a client that replies: what it was asked by needs no queue", async () => {
      const quotes = await queue("quotes");
      const asker = await openChannel(client);
      await asker.consume("amq.rabbitmq.reply-to", () => undefined, { noAck: true });
      await consumer(quotes, (message, on) => {
        on.publish("", message.properties.replyTo as string, Buffer.from("12"), { type: "quote" });
        on.ack(message);
      });
      asker.sendToQueue(quotes, Buffer.from("?"), { replyTo: "amq.rabbitmq.reply-to", type: "ask" });
      await expect(watched.handled({ type: "quote" })).resolves.toMatchObject({
        queue: "amq.rabbitmq.reply-to",
        body: Buffer.from("12"),
      });
      await watched.settled();
    });

    test("says where it cannot know", async () => {
      const plain = await connected(broker().url);
      const elsewhere = await plain.createChannel();
      const billing = await queue("billing");
      await elsewhere.assertExchange(`${prefix}-foreign`, "fanout", { autoDelete: true });
      await elsewhere.bindQueue(billing, `${prefix}-foreign`, "");
      channel.publish(`${prefix}-foreign`, "", Buffer.from("{}"), { type: "order.placed", messageId: "o-1" });
      await channel.waitForConfirms();
      expect(await unsettledText()).toContain(
        `order.placed (id o-1) was not delivered yet; nobody knows where it went, since the exchange "${prefix}-foreign" was not ` +
          "declared through this URL",
      );
      await consumer(billing, (message, on) => on.ack(message));
      await watched.settled();
      await plain.close();
    });

    test("waits for what is told to it besides, and for what that publishes", async () => {
      const billing = await queue("billing");
      await consumer(billing, (message, on) => on.ack(message));
      const outbox = ["o-1", "o-2"];
      await watched.settled({
        also: async () => {
          const id = outbox.shift();
          if (id !== undefined) await place(billing, { id, total: 1 });
        },
      });
      expect(await watched.seen("handled", OrderPlaced)).toHaveLength(2);
      await expect(
        watched.settled({ timeoutMs: 20, also: () => new Promise(() => undefined) }),
      ).rejects.toThrow("After 20 ms the wire is quiet, but what settled() was given besides has not ended");
    });
  });
}
