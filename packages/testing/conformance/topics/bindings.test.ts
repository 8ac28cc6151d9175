import { describe, expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { bits, shortstr, short, table } from "../harness/frames.ts";
import { refused } from "../harness/refused.ts";

describeBrokers("Binding a queue", (broker) => {
  test("twice in the same way is one binding", async () => {
    const channel = await broker.channel();
    const queue = await broker.queue();
    await channel.bindQueue(queue, "amq.direct", queue);
    await channel.bindQueue(queue, "amq.direct", queue);
    await broker.publish("amq.direct", queue, "once");
    expect(await broker.bodies(queue)).toEqual(["once"]);
    await channel.unbindQueue(queue, "amq.direct", queue);
    await broker.publish("amq.direct", queue, "never");
    expect(await broker.depth(queue)).toBe(0);
  });

  test("with several keys that match still brings one copy", async () => {
    const queue = await broker.queue();
    const exchange = await broker.exchange("topic");
    for (const pattern of ["#", "*.*", "one.two"]) await broker.bind(queue, exchange, pattern);
    await broker.publish(exchange, "one.two", "once");
    expect(await broker.bodies(queue)).toEqual(["once"]);
  });

  test("with other arguments is another binding", async () => {
    const channel = await broker.channel();
    const queue = await broker.queue();
    const exchange = await broker.exchange("direct");
    await channel.bindQueue(queue, exchange, "key", { note: 1 });
    await channel.bindQueue(queue, exchange, "key", { note: 2 });
    await channel.unbindQueue(queue, exchange, "key", { note: 1 });
    await broker.publish(exchange, "key", "once");
    expect(await broker.bodies(queue)).toEqual(["once"]);
  });

  test("that is not there is refused", async () => {
    const channel = await broker.channel();
    expect(await refused(channel, () => channel.bindQueue("not-there", "amq.direct", "key"))).toEqual({
      code: 404,
      text: `NOT_FOUND - no queue 'not-there' in vhost '${broker.vhost}'`,
    });
  });

  test("to an exchange that is not there is refused", async () => {
    const channel = await broker.channel();
    const queue = await broker.queue();
    expect(await refused(channel, () => channel.bindQueue(queue, "not-there", "key"))).toEqual({
      code: 404,
      text: `NOT_FOUND - no exchange 'not-there' in vhost '${broker.vhost}'`,
    });
  });

  test("to the default exchange is refused", async () => {
    const channel = await broker.channel();
    const queue = await broker.queue();
    const text = "ACCESS_REFUSED - operation not permitted on the default exchange";
    expect(await refused(channel, () => channel.bindQueue(queue, "", "key"))).toEqual({ code: 403, text });
    const other = await broker.channel();
    expect(await refused(other, () => other.unbindQueue(queue, "", "key"))).toEqual({ code: 403, text });
  });

  test("without queue and key takes the name of the last declared queue for both", async () => {
    const raw = await broker.raw();
    await raw.openChannel(1);
    const queue = broker.name("last");
    await raw.call(1, "queue.declare", short(0), shortstr(queue), bits(false, true), table({}));
    const answer = await raw.call(
      1,
      "queue.bind",
      short(0),
      shortstr(""),
      shortstr("amq.direct"),
      shortstr(""),
      bits(false),
      table({}),
    );
    expect(answer.name).toBe("queue.bind-ok");
    await broker.publish("amq.direct", queue, "by its name");
    expect(await broker.bodies(queue)).toEqual(["by its name"]);
  });
});

describeBrokers("Unbinding a queue", (broker) => {
  test("that was not bound is no error", async () => {
    const channel = await broker.channel();
    const queue = await broker.queue();
    expect(await channel.unbindQueue(queue, "amq.direct", "never bound")).toEqual({});
  });

  test("from an exchange that is not there is no error", async () => {
    const channel = await broker.channel();
    const queue = await broker.queue();
    expect(await channel.unbindQueue(queue, "not-there", "key")).toEqual({});
  });

  test("that is not there is no error", async () => {
    const channel = await broker.channel();
    expect(await channel.unbindQueue("not-there", "amq.direct", "key")).toEqual({});
  });
});

describeBrokers("Binding exchanges", (broker) => {
  test("sends a message on by the key of each binding", async () => {
    const channel = await broker.channel();
    const source = await broker.exchange("topic");
    const destination = await broker.exchange("direct");
    const queue = await broker.queue();
    await channel.bindExchange(destination, source, "order.*");
    await channel.bindQueue(queue, destination, "order.placed");
    for (const key of ["order.placed", "order.paid", "invoice.placed"])
      await broker.publish(source, key, key);
    const messages = await broker.messages(queue);
    expect(messages.map(({ fields }) => fields)).toMatchObject([
      { exchange: source, routingKey: "order.placed" },
    ]);
  });

  test("in a circle brings one copy to each queue", async () => {
    const channel = await broker.channel();
    const one = await broker.exchange("fanout");
    const two = await broker.exchange("fanout");
    await channel.bindExchange(two, one, "");
    await channel.bindExchange(one, two, "");
    const queues = [await broker.queue(), await broker.queue()] as const;
    await broker.bind(queues[0], one, "");
    await broker.bind(queues[0], two, "");
    await broker.bind(queues[1], two, "");
    await broker.publish(one, "", "round");
    for (const queue of queues) expect(await broker.bodies(queue)).toEqual(["round"]);
  });

  test("ends with an unbinding", async () => {
    const channel = await broker.channel();
    const source = await broker.exchange("fanout");
    const destination = await broker.exchange("fanout");
    const queue = await broker.queue();
    await broker.bind(queue, destination, "");
    await channel.bindExchange(destination, source, "key");
    await channel.unbindExchange(destination, source, "key");
    await broker.publish(source, "", "lost");
    expect(await broker.depth(queue)).toBe(0);
  });

  describe("is refused", () => {
    test.each([
      ["not-there", "amq.direct"],
      ["amq.direct", "not-there"],
    ])("of %s to %s", async (destination, source) => {
      const channel = await broker.channel();
      expect(await refused(channel, () => channel.bindExchange(destination, source, "key"))).toEqual({
        code: 404,
        text: `NOT_FOUND - no exchange 'not-there' in vhost '${broker.vhost}'`,
      });
    });

    test.each([
      ["", "amq.direct"],
      ["amq.direct", ""],
    ])("of '%s' to '%s'", async (destination, source) => {
      const channel = await broker.channel();
      expect(await refused(channel, () => channel.bindExchange(destination, source, "key"))).toEqual({
        code: 403,
        text: "ACCESS_REFUSED - operation not permitted on the default exchange",
      });
    });
  });

  test("may end what is not there", async () => {
    const channel = await broker.channel();
    expect(await channel.unbindExchange("amq.fanout", "amq.direct", "never bound")).toEqual({});
    expect(await channel.unbindExchange("not-there", "amq.direct", "key")).toEqual({});
  });
});
