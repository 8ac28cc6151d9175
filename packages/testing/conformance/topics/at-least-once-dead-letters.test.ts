import { expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { eventually } from "../harness/eventually.ts";
import { Inbox } from "../harness/inbox.ts";
import { deaths } from "../harness/obituary.ts";
import { deadLetterTo, ofKind } from "../harness/queue-kinds.ts";

describeBrokers("At-least-once dead letters", (broker) => {
  const safely = (target: string, further: object): Promise<string> =>
    broker.queue(
      ofKind("quorum", {
        ...deadLetterTo(target),
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
        ...further,
      }),
    );

  test("come in order, with what at-most-once ones tell", async () => {
    const graveyard = await broker.queue(ofKind("quorum"));
    const queue = await safely(graveyard, { "x-message-ttl": 20 });
    const dead = await Inbox.open(await broker.channel(), graveyard);
    for (const body of ["1", "2", "3"]) await broker.publish("", queue, body, { headers: { mine: body } });
    await dead.reaches(3);
    expect(dead.bodies).toEqual(["1", "2", "3"]);
    const message = await dead.delivery(0);
    expect(deaths(message)).toEqual([
      { count: 1, reason: "expired", queue, exchange: "", "routing-keys": [queue] },
    ]);
    expect(message.properties.headers).toMatchObject({
      mine: "1",
      "x-first-death-queue": queue,
      "x-first-death-reason": "expired",
    });
  });

  test("arrive in a stream, also in 3.10", async () => {
    const stream = await broker.queue(ofKind("stream"));
    const queue = await safely(stream, { "x-message-ttl": 20 });
    const channel = await broker.channel();
    await channel.prefetch(1);
    const dead = await Inbox.open(channel, stream);
    await broker.publish("", queue, "1");
    await dead.reaches(1);
    expect(dead.bodies).toEqual(["1"]);
  });

  test("are made of rejected messages and of those over the delivery limit, too", async () => {
    const graveyard = await broker.queue();
    const queue = await safely(graveyard, { "x-delivery-limit": 0 });
    const channel = await broker.channel();
    const inbox = await Inbox.open(channel, queue);
    for (const body of ["1", "2"]) await broker.publish("", queue, body);
    const dead = await Inbox.open(await broker.channel(), graveyard);
    channel.reject(await inbox.delivery(0), false);
    await dead.reaches(1);
    channel.nack(await inbox.delivery(1));
    await dead.reaches(2);
    expect(dead.deliveries.map((message) => deaths(message)[0]?.reason)).toEqual([
      "rejected",
      "delivery_limit",
    ]);
  });

  test("are kept in the queue while their target is missing, where nobody gets or counts them as ready", async () => {
    const queue = await safely("nowhere", { "x-message-ttl": 10 });
    await broker.publish("", queue, "1");
    const depth = await eventually(
      () => broker.depth(queue),
      (ready) => ready === 0,
    );
    expect(depth).toBe(0);
    expect(await broker.bodies(queue)).toEqual([]);
  });
});
