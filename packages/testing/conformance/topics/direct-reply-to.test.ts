import type { Channel } from "amqplib";
import { expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { eventually } from "../harness/eventually.ts";
import { Inbox } from "../harness/inbox.ts";
import { refused } from "../harness/refused.ts";

const replyTo = "amq.rabbitmq.reply-to";

describeBrokers("Direct reply-to", (broker) => {
  /** Sends a request that a consumer of the channel waits for; gives the address that its receiver sees. */
  async function request(channel: Channel): Promise<string> {
    const queue = await broker.queue();
    channel.sendToQueue(queue, Buffer.from("request"), { replyTo, correlationId: "7" });
    await broker.barrier(channel);
    const [message] = await broker.messages(queue);
    return String(message?.properties.replyTo);
  }

  test("makes an address of the requester's own out of its replyTo, and brings replies there", async () => {
    const channel = await broker.channel();
    const replies = await Inbox.open(channel, replyTo, { noAck: true });
    const address = await request(channel);
    expect(address).toMatch(/^amq\.rabbitmq\.reply-to\.\S+$/);
    await broker.publish("", address, "reply", { correlationId: "7", headers: { mine: 1 } });
    const reply = await replies.delivery(0);
    expect(reply.content.toString()).toBe("reply");
    expect(reply.fields).toMatchObject({
      consumerTag: replies.consumerTag,
      redelivered: false,
      exchange: "",
      routingKey: address,
    });
    expect(reply.properties).toMatchObject({ correlationId: "7", headers: { mine: 1 } });
  });

  test("brings replies in order, and gives every requester of a connection its own", async () => {
    const [one, other] = [await broker.channel(), await broker.channel()];
    const toOne = await Inbox.open(one, replyTo, { noAck: true });
    const toOther = await Inbox.open(other, replyTo, { noAck: true });
    const [first, second] = [await request(one), await request(other)];
    for (const body of ["1", "2"]) await broker.publish("", first, body);
    await broker.publish("", second, "3");
    await toOne.reaches(2);
    await toOther.reaches(1);
    expect([toOne.bodies, toOther.bodies]).toEqual([["1", "2"], ["3"]]);
  });

  test("returns a mandatory reply as unroutable, though the requester receives it", async () => {
    const channel = await broker.channel();
    const replies = await Inbox.open(channel, replyTo, { noAck: true });
    const address = await request(channel);
    const { confirmed, returned } = await broker.publish("", address, "reply", { mandatory: true });
    expect(confirmed).toBe(true);
    expect(returned?.fields).toMatchObject({ replyCode: 312, replyText: "NO_ROUTE", routingKey: address });
    await replies.reaches(1);
    expect(replies.bodies).toEqual(["reply"]);
  });

  test("confirms a reply to a requester that is gone, and drops it", async () => {
    const channel = await broker.channel();
    await Inbox.open(channel, replyTo, { noAck: true });
    const address = await request(channel);
    await channel.close();
    expect(await broker.publish("", address, "reply")).toMatchObject({ confirmed: true });
  });

  test("lets a passive declare of the address tell whether the requester lives", async () => {
    const channel = await broker.channel();
    await Inbox.open(channel, replyTo, { noAck: true });
    const address = await request(channel);
    const asking = await broker.channel();
    expect(await asking.checkQueue(address)).toEqual({ queue: address, messageCount: 0, consumerCount: 1 });
    await channel.close();
    const gone = async (): Promise<{ code: number; text: string } | undefined> => {
      const asked = await broker.channel();
      return refused(asked, () => asked.checkQueue(address)).catch(() => undefined);
    };
    expect(await eventually(gone, (answer) => answer !== undefined)).toEqual({
      code: 404,
      text: `NOT_FOUND - no queue '${address}' in vhost '${broker.vhost}'`,
    });
  });

  test("leaves a replyTo alone that only begins like it", async () => {
    const queue = await broker.queue();
    await broker.publish("", queue, "1", { replyTo: `${replyTo}.mine` });
    expect((await broker.messages(queue))[0]?.properties.replyTo).toBe(`${replyTo}.mine`);
  });

  test("may be cancelled and begun again, with any tag", async () => {
    const channel = await broker.channel();
    const first = await Inbox.open(channel, replyTo, { noAck: true });
    await first.cancel();
    const second = await Inbox.open(channel, replyTo, { noAck: true, consumerTag: "replies" });
    const address = await request(channel);
    await broker.publish("", address, "reply");
    await second.reaches(1);
    expect([first.bodies, second.bodies]).toEqual([[], ["reply"]]);
  });

  test("declares as if it were there, and deletes as if it were empty", async () => {
    const channel = await broker.channel();
    const found = { queue: replyTo, messageCount: 0, consumerCount: 1 };
    expect(await channel.checkQueue(replyTo)).toEqual(found);
    expect(await channel.assertQueue(replyTo)).toEqual(found);
    expect(await channel.deleteQueue(replyTo)).toEqual({ messageCount: 0 });
  });

  const faults: Record<string, [action: (channel: Channel) => unknown, code: number, text: string]> = {
    "a request before its consumer": [
      (channel) => channel.sendToQueue("anywhere", Buffer.from("request"), { replyTo }),
      406,
      "PRECONDITION_FAILED - fast reply consumer does not exist",
    ],
    "a consumer that would acknowledge": [
      (channel) => Inbox.open(channel, replyTo),
      406,
      "PRECONDITION_FAILED - reply consumer cannot acknowledge",
    ],
    "a second consumer": [
      async (channel) => {
        await Inbox.open(channel, replyTo, { noAck: true });
        await Inbox.open(channel, replyTo, { noAck: true });
      },
      406,
      "PRECONDITION_FAILED - reply consumer already set",
    ],
    "a get": [
      (channel) => channel.get(replyTo),
      404,
      `NOT_FOUND - no queue '${replyTo}' in vhost '${broker.vhost}'`,
    ],
  };
  test.each(Object.entries(faults))("refuses %s on a channel", async (_, [action, code, text]) => {
    const channel = await broker.channel();
    expect(await refused(channel, () => action(channel))).toEqual({ code, text });
  });
});
