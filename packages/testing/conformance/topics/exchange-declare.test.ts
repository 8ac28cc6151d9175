import type { Channel, ChannelModel, Options } from "amqplib";
import { describe, expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { refused } from "../harness/refused.ts";

const inequivalent: readonly (readonly [type: string, options: Options.AssertExchange, complaint: string])[] =
  [
    ["fanout", {}, "'type' for exchange EXCHANGE: received 'fanout' but current is 'direct'"],
    ["direct", { durable: false }, "'durable' for exchange EXCHANGE: received 'false' but current is 'true'"],
    [
      "direct",
      { autoDelete: true },
      "'auto_delete' for exchange EXCHANGE: received 'true' but current is 'false'",
    ],
    [
      "direct",
      { internal: true },
      "'internal' for exchange EXCHANGE: received 'true' but current is 'false'",
    ],
    [
      "direct",
      { alternateExchange: "other" },
      "'alternate-exchange' for exchange EXCHANGE: received the value 'other' of type 'longstr' but current is none",
    ],
  ];

describeBrokers("Declaring an exchange", (broker) => {
  test.each(["direct", "fanout", "topic", "headers"])("of type %s can be repeated", async (type) => {
    const channel = await broker.channel();
    const exchange = broker.name(type);
    expect(await channel.assertExchange(exchange, type)).toEqual({ exchange });
    expect(await channel.assertExchange(exchange, type)).toEqual({ exchange });
    await channel.checkExchange(exchange);
  });

  test.each(inequivalent)("as another one is refused: %s, %j", async (type, options, complaint) => {
    const channel = await broker.channel();
    const exchange = await broker.exchange("direct");
    expect(await refused(channel, () => channel.assertExchange(exchange, type, options))).toEqual({
      code: 406,
      text: `PRECONDITION_FAILED - inequivalent arg ${complaint}`.replace(
        "EXCHANGE",
        `'${exchange}' in vhost '${broker.vhost}'`,
      ),
    });
  });

  test("again may add or leave out arguments that mean nothing", async () => {
    const channel = await broker.channel();
    const exchange = await broker.exchange("direct", { arguments: { "x-of-the-user": 1 } });
    for (const again of [{}, { "x-of-the-user": 2 }])
      expect(await channel.assertExchange(exchange, "direct", { arguments: again })).toEqual({ exchange });
  });

  test("of an unknown type ends the connection before 4.0, the channel since", async () => {
    const connection = await broker.connect();
    const channel = await broker.channel(connection);
    const closed = broker.byVersion<Channel | ChannelModel>({ "3.10": connection, "4.0": channel });
    expect(await refused(closed, () => channel.assertExchange(broker.name("x"), "nope"))).toEqual(
      broker.byVersion({
        "3.10": { code: 503, text: "COMMAND_INVALID - unknown exchange type 'nope'" },
        "4.0": { code: 406, text: "PRECONDITION_FAILED - unknown exchange type 'nope'" },
      }),
    );
  });

  test("passively refuses what is not there", async () => {
    const channel = await broker.channel();
    expect(await refused(channel, () => channel.checkExchange("not-there"))).toEqual({
      code: 404,
      text: `NOT_FOUND - no exchange 'not-there' in vhost '${broker.vhost}'`,
    });
  });

  test("refuses names that begin like those of the server", async () => {
    const channel = await broker.channel();
    expect(await refused(channel, () => channel.assertExchange("amq.mine", "direct"))).toEqual({
      code: 403,
      text: "ACCESS_REFUSED - exchange name 'amq.mine' contains reserved prefix 'amq.*'",
    });
  });

  test("refuses the default exchange, passively, too", async () => {
    const text = "ACCESS_REFUSED - operation not permitted on the default exchange";
    const channel = await broker.channel();
    expect(await refused(channel, () => channel.assertExchange("", "direct"))).toEqual({ code: 403, text });
    const other = await broker.channel();
    expect(await refused(other, () => other.checkExchange(""))).toEqual({ code: 403, text });
  });

  test.each([
    ["amq.direct", "direct"],
    ["amq.fanout", "fanout"],
    ["amq.topic", "topic"],
    ["amq.headers", "headers"],
    ["amq.match", "headers"],
  ])("finds %s of type %s in every virtual host", async (exchange, type) => {
    const channel = await broker.channel();
    expect(await channel.assertExchange(exchange, type, { durable: true })).toEqual({ exchange });
  });
});

describeBrokers("An internal exchange", (broker) => {
  test("takes messages from exchanges only", async () => {
    const channel = await broker.channel();
    const internal = await broker.exchange("fanout", { internal: true });
    const outer = await broker.exchange("fanout");
    const queue = await broker.queue();
    await broker.bind(queue, internal, "");
    await channel.bindExchange(internal, outer, "");
    await broker.publish(outer, "", "from an exchange");
    expect(await broker.bodies(queue)).toEqual(["from an exchange"]);
    expect(await refused(channel, () => channel.publish(internal, "", Buffer.from("")))).toEqual({
      code: 403,
      text: `ACCESS_REFUSED - cannot publish to internal exchange '${internal}' in vhost '${broker.vhost}'`,
    });
  });
});

describeBrokers("An auto-delete exchange", (broker) => {
  test("ends with its last binding", async () => {
    const channel = await broker.channel();
    const exchange = await broker.exchange("direct", { autoDelete: true });
    const queue = await broker.queue();
    await channel.bindQueue(queue, exchange, "one");
    await channel.bindQueue(queue, exchange, "two");
    await channel.unbindQueue(queue, exchange, "one");
    await channel.checkExchange(exchange);
    await channel.unbindQueue(queue, exchange, "two");
    expect(await refused(channel, () => channel.checkExchange(exchange))).toMatchObject({ code: 404 });
  });

  test("ends with the queue that it was bound to", async () => {
    const channel = await broker.channel();
    const exchange = await broker.exchange("direct", { autoDelete: true });
    const queue = await broker.queue();
    await channel.bindQueue(queue, exchange, "one");
    await channel.deleteQueue(queue);
    expect(await refused(channel, () => channel.checkExchange(exchange))).toMatchObject({ code: 404 });
  });

  test("ends with the exchange that it was bound to, and takes the next one along", async () => {
    const channel = await broker.channel();
    const first = await broker.exchange("fanout", { autoDelete: true });
    const second = await broker.exchange("fanout", { autoDelete: true });
    const last = await broker.exchange("fanout");
    await channel.bindExchange(second, first, "");
    await channel.bindExchange(last, second, "");
    await channel.deleteExchange(last);
    const other = await broker.channel();
    expect(await refused(channel, () => channel.checkExchange(second))).toMatchObject({ code: 404 });
    expect(await refused(other, () => other.checkExchange(first))).toMatchObject({ code: 404 });
  });
});

describeBrokers("Deleting an exchange", (broker) => {
  test("takes its bindings along", async () => {
    const channel = await broker.channel();
    const exchange = await broker.exchange("fanout");
    const queue = await broker.queue();
    await channel.bindQueue(queue, exchange, "");
    await channel.deleteExchange(exchange);
    await channel.assertExchange(exchange, "fanout");
    await broker.publish(exchange, "", "lost");
    expect(await broker.depth(queue)).toBe(0);
  });

  test("that is not there is no error", async () => {
    const channel = await broker.channel();
    expect(await channel.deleteExchange("not-there")).toEqual({});
    expect(await channel.deleteExchange("not-there", { ifUnused: true })).toEqual({});
  });

  test("only if unused refuses one that is bound to something", async () => {
    const channel = await broker.channel();
    const exchange = await broker.exchange("fanout");
    const queue = await broker.queue();
    await channel.bindQueue(queue, exchange, "");
    expect(await refused(channel, () => channel.deleteExchange(exchange, { ifUnused: true }))).toEqual({
      code: 406,
      text: `PRECONDITION_FAILED - exchange '${exchange}' in vhost '${broker.vhost}' in use`,
    });
  });

  test("only if unused does not mind what is bound to it", async () => {
    const channel = await broker.channel();
    const exchange = await broker.exchange("fanout");
    await channel.bindExchange(exchange, "amq.fanout", "");
    expect(await channel.deleteExchange(exchange, { ifUnused: true })).toEqual({});
  });

  describe("of the server's own", () => {
    test.each(["amq.direct", "amq.fanout", "amq.topic", "amq.headers", "amq.match"])(
      "is refused: %s",
      async (exchange) => {
        const channel = await broker.channel();
        expect(await refused(channel, () => channel.deleteExchange(exchange))).toEqual({
          code: 403,
          text: `ACCESS_REFUSED - deletion of system exchange '${exchange}' in vhost '${broker.vhost}' not allowed`,
        });
      },
    );

    test("is refused: the default exchange", async () => {
      const channel = await broker.channel();
      expect(await refused(channel, () => channel.deleteExchange(""))).toEqual({
        code: 403,
        text: "ACCESS_REFUSED - operation not permitted on the default exchange",
      });
    });
  });
});
