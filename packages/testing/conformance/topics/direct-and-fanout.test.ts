import { expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";

describeBrokers("A direct exchange", (broker) => {
  test("routes to the queues whose binding key is the routing key, byte for byte", async () => {
    const exchange = await broker.exchange("direct");
    const queue = await broker.queue();
    await broker.bind(queue, exchange, "Order.*");
    for (const key of ["Order.*", "order.*", "Order.placed", "Order", ""])
      await broker.publish(exchange, key, key);
    expect(await broker.bodies(queue)).toEqual(["Order.*"]);
  });

  test("routes one message to every queue of a key", async () => {
    const exchange = await broker.exchange("direct");
    const queues = [await broker.queue(), await broker.queue(), await broker.queue()];
    for (const queue of queues) await broker.bind(queue, exchange, "key");
    await broker.publish(exchange, "key", "to all");
    for (const queue of queues) expect(await broker.bodies(queue)).toEqual(["to all"]);
  });

  test("takes the empty key and one of 255 bytes", async () => {
    const exchange = await broker.exchange("direct");
    for (const key of ["", "k".repeat(255)]) {
      const queue = await broker.queue();
      await broker.bind(queue, exchange, key);
      await broker.publish(exchange, key, "here");
      expect(await broker.messages(queue)).toMatchObject([{ fields: { exchange, routingKey: key } }]);
    }
  });
});

describeBrokers("A fanout exchange", (broker) => {
  test("routes to every queue whatever the keys are", async () => {
    const exchange = await broker.exchange("fanout");
    const queues = [await broker.queue(), await broker.queue()] as const;
    await broker.bind(queues[0], exchange, "one");
    await broker.bind(queues[1], exchange, "");
    await broker.publish(exchange, "another", "to all");
    for (const queue of queues)
      expect(await broker.messages(queue)).toMatchObject([{ fields: { routingKey: "another" } }]);
  });

  test("brings one copy to a queue that is bound twice", async () => {
    const exchange = await broker.exchange("fanout");
    const queue = await broker.queue();
    await broker.bind(queue, exchange, "one");
    await broker.bind(queue, exchange, "two");
    await broker.publish(exchange, "", "once");
    expect(await broker.bodies(queue)).toEqual(["once"]);
  });
});

describeBrokers("The default exchange", (broker) => {
  test("routes to the queue that the routing key names", async () => {
    const queue = await broker.queue();
    await broker.publish("", queue, "hello");
    expect(await broker.messages(queue)).toMatchObject([
      { fields: { exchange: "", routingKey: queue, redelivered: false } },
    ]);
  });

  test("drops what names no queue, and confirms it", async () => {
    expect(await broker.publish("", "not-there", "lost")).toEqual({ confirmed: true, returned: undefined });
  });
});
