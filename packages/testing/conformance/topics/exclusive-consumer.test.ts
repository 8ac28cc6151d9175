import { expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { held } from "../harness/held.ts";
import { Inbox } from "../harness/inbox.ts";
import { ofKind } from "../harness/queue-kinds.ts";
import { refused, type Refusal } from "../harness/refused.ts";

describeBrokers("An exclusive consumer", (broker) => {
  const inUse = (queue: string): Refusal => ({
    code: 403,
    text: `ACCESS_REFUSED - queue '${queue}' in vhost '${broker.vhost}' in exclusive use`,
  });

  test("keeps other consumers away", async () => {
    const queue = await broker.queue();
    await Inbox.open(await broker.channel(), queue, { exclusive: true });
    const other = await broker.channel();
    expect(await refused(other, () => Inbox.open(other, queue))).toEqual(inUse(queue));
  });

  test("is refused where another consumer is", async () => {
    const queue = await broker.queue();
    await Inbox.open(await broker.channel(), queue);
    const other = await broker.channel();
    expect(await refused(other, () => Inbox.open(other, queue, { exclusive: true }))).toEqual(inUse(queue));
  });

  test("keeps nobody from basic.get", async () => {
    const queue = await broker.queue();
    const channel = await broker.channel();
    await channel.prefetch(1);
    const inbox = await Inbox.open(channel, queue, { exclusive: true });
    for (const body of ["1", "2"]) await broker.publish("", queue, body);
    await inbox.reaches(1);
    const [message] = await held(await broker.channel(), queue, 1);
    expect(message.content.toString()).toBe("2");
  });

  test("makes way by its cancel", async () => {
    const queue = await broker.queue();
    const inbox = await Inbox.open(await broker.channel(), queue, { exclusive: true });
    await inbox.cancel();
    await expect(Inbox.open(await broker.channel(), queue, { exclusive: true })).resolves.toBeInstanceOf(
      Inbox,
    );
  });

  test("makes way by the close of its channel", async () => {
    const queue = await broker.queue();
    const channel = await broker.channel();
    await Inbox.open(channel, queue, { exclusive: true });
    await channel.close();
    await expect(Inbox.open(await broker.channel(), queue)).resolves.toBeInstanceOf(Inbox);
  });

  test("is refused by a classic queue with a single active consumer", async () => {
    const queue = await broker.queue(ofKind("classic", { "x-single-active-consumer": true }));
    const channel = await broker.channel();
    expect(await refused(channel, () => Inbox.open(channel, queue, { exclusive: true }))).toEqual(
      inUse(queue),
    );
  });

  test("is one like any other for a quorum queue", async () => {
    const queue = await broker.queue(ofKind("quorum"));
    const channel = await broker.channel();
    const inboxes = [
      await Inbox.open(channel, queue, { exclusive: true }),
      await Inbox.open(channel, queue),
      await Inbox.open(channel, queue, { exclusive: true }),
    ];
    for (const body of ["1", "2", "3"]) await broker.publish("", queue, body);
    await inboxes[2]?.reaches(1);
    expect(inboxes.map(({ bodies }) => bodies)).toEqual([["1"], ["2"], ["3"]]);
  });
});
