import { expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";

describeBrokers("An alternate exchange", (broker) => {
  test("gets what its exchange cannot route, with the first exchange and key", async () => {
    const alternate = await broker.exchange("fanout");
    const exchange = await broker.exchange("direct", { alternateExchange: alternate });
    const [routed, unrouted] = [await broker.queue(), await broker.queue()];
    await broker.bind(routed, exchange, "known");
    await broker.bind(unrouted, alternate, "");
    await broker.publish(exchange, "known", "routed");
    await broker.publish(exchange, "unknown", "unrouted");
    expect(await broker.bodies(routed)).toEqual(["routed"]);
    expect(await broker.messages(unrouted)).toMatchObject([{ fields: { exchange, routingKey: "unknown" } }]);
  });

  test("counts as a route: a mandatory message is not returned", async () => {
    const alternate = await broker.exchange("fanout");
    const exchange = await broker.exchange("direct", { alternateExchange: alternate });
    const queue = await broker.queue();
    await broker.bind(queue, alternate, "");
    const kept = await broker.publish(exchange, "unknown", "", { mandatory: true });
    expect(kept).toEqual({ confirmed: true, returned: undefined });
    await (await broker.channel()).unbindQueue(queue, alternate, "");
    const lost = await broker.publish(exchange, "unknown", "", { mandatory: true });
    expect(lost.returned?.fields).toMatchObject({ exchange, routingKey: "unknown", replyCode: 312 });
  });

  test("has its own alternate in turn", async () => {
    const last = await broker.exchange("fanout");
    const middle = await broker.exchange("direct", { alternateExchange: last });
    const first = await broker.exchange("direct", { alternateExchange: middle });
    const queue = await broker.queue();
    await broker.bind(queue, last, "");
    await broker.publish(first, "key", "handed on twice");
    expect(await broker.bodies(queue)).toEqual(["handed on twice"]);
  });

  test("in a circle loses the message without harm", async () => {
    const one = broker.name("one");
    const two = await broker.exchange("direct", { alternateExchange: one });
    const channel = await broker.channel();
    await channel.assertExchange(one, "direct", { alternateExchange: two });
    const { returned } = await broker.publish(one, "key", "", { mandatory: true });
    expect(returned?.fields).toMatchObject({ exchange: one, replyText: "NO_ROUTE" });
  });

  test("need not exist", async () => {
    const exchange = await broker.exchange("direct", { alternateExchange: "not-there" });
    const { confirmed, returned } = await broker.publish(exchange, "key", "lost", { mandatory: true });
    expect(confirmed).toBe(true);
    expect(returned?.content.toString()).toBe("lost");
  });

  test("of an exchange that was reached through another gets what that one cannot route", async () => {
    const alternate = await broker.exchange("fanout");
    const inner = await broker.exchange("direct", { alternateExchange: alternate });
    const outer = await broker.exchange("fanout");
    const queue = await broker.queue();
    await broker.bind(queue, alternate, "");
    await (await broker.channel()).bindExchange(inner, outer, "");
    await broker.publish(outer, "key", "by way of two exchanges");
    expect(await broker.bodies(queue)).toEqual(["by way of two exchanges"]);
  });

  test("gets nothing where a bound exchange takes the message, though that leads nowhere", async () => {
    const alternate = await broker.exchange("fanout");
    const outer = await broker.exchange("fanout", { alternateExchange: alternate });
    const inner = await broker.exchange("fanout");
    const queue = await broker.queue();
    await broker.bind(queue, alternate, "");
    await (await broker.channel()).bindExchange(inner, outer, "");
    const { returned } = await broker.publish(outer, "key", "nowhere", { mandatory: true });
    expect(returned?.fields).toMatchObject({ exchange: outer, replyCode: 312 });
    expect(await broker.depth(queue)).toBe(0);
  });
});
