import { expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { held } from "../harness/held.ts";
import { Inbox } from "../harness/inbox.ts";
import { ofKind } from "../harness/queue-kinds.ts";
import { refusedDeclare } from "../harness/refused-declare.ts";
import { taken } from "../harness/taken.ts";

describeBrokers("Message priorities", (broker) => {
  const prioritised = (): Promise<string> => broker.queue({ arguments: { "x-max-priority": 5 } });

  /** Each by its name and its priority, undefined for none. */
  async function publish(
    queue: string,
    messages: Readonly<Record<string, number | undefined>>,
  ): Promise<void> {
    for (const [body, priority] of Object.entries(messages))
      await broker.publish("", queue, body, priority === undefined ? {} : { priority });
  }

  test("come out highest first, those of one priority in the order of their publishes", async () => {
    const queue = await prioritised();
    await publish(queue, { none: undefined, three: 3, five: 5, nine: 9, again3: 3, zero: 0 });
    const messages = await broker.messages(queue);
    expect(messages.map(({ content }) => content.toString())).toEqual([
      "five",
      "nine",
      "three",
      "again3",
      "none",
      "zero",
    ]);
    expect(messages.map(({ properties }) => properties.priority)).toEqual([5, 9, 3, 3, undefined, 0]);
  });

  test("do not reorder what a consumer already holds", async () => {
    const queue = await prioritised();
    await publish(queue, { low: 1, lower: 0 });
    const channel = await broker.channel();
    await channel.prefetch(1);
    const inbox = await Inbox.open(channel, queue);
    await inbox.reaches(1);
    await publish(queue, { high: 5 });
    channel.ack(await inbox.delivery(0));
    channel.ack(await inbox.delivery(1));
    await inbox.reaches(3);
    expect(inbox.bodies).toEqual(["low", "high", "lower"]);
  });

  test("say where a returned message goes", async () => {
    const queue = await prioritised();
    await publish(queue, { a: undefined, b: 3, c: 3, d: 5 });
    const channel = await broker.channel();
    const [, , third] = await held(channel, queue, 3);
    channel.nack(third, true);
    await broker.barrier(channel);
    expect(await taken(broker, queue, 4)).toEqual(["d*", "b*", "c*", "a"]);
  });

  test("mean nothing to a classic queue without x-max-priority", async () => {
    const queue = await broker.queue();
    await publish(queue, { a: 0, b: 9, c: 5 });
    expect(await broker.bodies(queue)).toEqual(["a", "b", "c"]);
  });

  test("mean nothing to a quorum queue of 3.10; in 4.0 two of 5 and more go before each one of the others", async () => {
    const queue = await broker.queue(ofKind("quorum"));
    await publish(queue, { n1: undefined, h1: 9, n2: 4, h2: 5, n3: 0, h3: 255 });
    expect(await taken(broker, queue, 6)).toEqual(
      broker.byVersion({
        "3.10": ["n1", "h1", "n2", "h2", "n3", "h3"],
        "4.0": ["h1", "h2", "n1", "h3", "n2", "n3"],
      }),
    );
  });

  test.each([0, 1, 255])("x-max-priority may be %i", async (priority) => {
    await expect(broker.queue({ arguments: { "x-max-priority": priority } })).resolves.toMatch(/./);
  });

  test.each([
    [256, "{max_value_exceeded,256}"],
    [-1, "{value_negative,-1}"],
    ["high", '"expected integer, got longstr"'],
  ])("x-max-priority may not be %s", async (priority, reason) => {
    expect(await refusedDeclare(broker, { "x-max-priority": priority })).toEqual({
      code: 406,
      text: `PRECONDITION_FAILED - invalid arg 'x-max-priority' for queue Q in vhost V: ${reason}`,
    });
  });

  test("x-max-priority is not for quorum queues", async () => {
    expect(await refusedDeclare(broker, { "x-queue-type": "quorum", "x-max-priority": 5 })).toEqual({
      code: 406,
      text: "PRECONDITION_FAILED - invalid arg 'x-max-priority' for queue Q in vhost V of queue type rabbit_quorum_queue",
    });
  });
});
