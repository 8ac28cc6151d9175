import type { Message } from "amqplib";
import { expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { refused } from "../harness/refused.ts";

describeBrokers("A mandatory message", (broker) => {
  test("that no queue gets comes back whole, with 312", async () => {
    const properties = { messageId: "m1", headers: { a: 1 }, contentType: "text/plain" };
    const { confirmed, returned } = await broker.publish("amq.direct", "nowhere", "body", {
      ...properties,
      mandatory: true,
    });
    expect(confirmed).toBe(true);
    expect(returned?.content.toString()).toBe("body");
    expect(returned?.properties).toMatchObject(properties);
    expect(returned?.fields).toEqual({
      replyCode: 312,
      replyText: "NO_ROUTE",
      exchange: "amq.direct",
      routingKey: "nowhere",
    });
  });

  test("that a queue gets does not come back", async () => {
    const queue = await broker.queue();
    expect(await broker.publish("", queue, "", { mandatory: true })).toEqual({
      confirmed: true,
      returned: undefined,
    });
  });

  test("comes back before its confirm, each before its own, in the order of the publishes", async () => {
    const channel = await broker.confirmChannel();
    const queue = await broker.queue();
    const seen: string[] = [];
    channel.on("return", (message: Message) => seen.push(`return ${message.content.toString()}`));
    for (let n = 0; n < 30; n++) {
      const routingKey = n % 3 === 0 ? "nowhere" : queue;
      channel.publish("", routingKey, Buffer.from(`${n}`), { mandatory: true }, () =>
        seen.push(`confirm ${n}`),
      );
    }
    await channel.waitForConfirms();
    const returns = seen.filter((event) => event.startsWith("return"));
    expect(returns).toEqual(Array.from({ length: 10 }, (_, n) => `return ${n * 3}`));
    for (let n = 0; n < 30; n += 3)
      expect(seen.indexOf(`return ${n}`)).toBeLessThan(seen.indexOf(`confirm ${n}`));
  });

  test("comes back without confirms, too", async () => {
    const channel = await broker.channel();
    const returned = new Promise<Message>((resolve) => channel.once("return", resolve));
    channel.publish("amq.fanout", "", Buffer.from("back"), { mandatory: true });
    expect((await returned).content.toString()).toBe("back");
  });

  test("to an exchange that is not there closes the channel and does not come back", async () => {
    const channel = await broker.confirmChannel();
    const returned: Message[] = [];
    channel.on("return", (message: Message) => returned.push(message));
    expect(
      await refused(channel, () => channel.publish("not-there", "key", Buffer.from(""), { mandatory: true })),
    ).toEqual({ code: 404, text: `NOT_FOUND - no exchange 'not-there' in vhost '${broker.vhost}'` });
    expect(returned).toEqual([]);
  });
});
