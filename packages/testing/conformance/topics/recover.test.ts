import { expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { bits, shortstr } from "../harness/frames.ts";
import { held } from "../harness/held.ts";
import { Inbox } from "../harness/inbox.ts";
import { ofKind } from "../harness/queue-kinds.ts";
import { refused } from "../harness/refused.ts";

describeBrokers("basic.recover", (broker) => {
  test("gives all deliveries of the channel again, with new tags", async () => {
    const queue = await broker.queue();
    for (const body of ["1", "2", "3", "4"]) await broker.publish("", queue, body);
    const channel = await broker.channel();
    await channel.prefetch(2);
    const inbox = await Inbox.open(channel, queue);
    await inbox.reaches(2);
    await channel.recover();
    await inbox.reaches(4);
    expect(inbox.bodies).toEqual(["1", "2", "1*", "2*"]);
    expect(inbox.deliveries.map(({ fields }) => fields.deliveryTag)).toEqual([1, 2, 3, 4]);
  });

  test("gives those of a quorum queue again at once in 4.0, and after the others in 3.10", async () => {
    const queue = await broker.queue(ofKind("quorum"));
    for (const body of ["1", "2", "3", "4"]) await broker.publish("", queue, body);
    const channel = await broker.channel();
    await channel.prefetch(2);
    const inbox = await Inbox.open(channel, queue);
    await inbox.reaches(2);
    await channel.recover();
    await inbox.reaches(4);
    expect(inbox.bodies).toEqual(
      broker.byVersion({ "3.10": ["1", "2", "3", "4"], "4.0": ["1", "2", "1*", "2*"] }),
    );
  });

  test("makes the old tags unknown", async () => {
    const queue = await broker.queue();
    await broker.publish("", queue, "1");
    const channel = await broker.channel();
    const [message] = await held(channel, queue, 1);
    await channel.recover();
    expect(await refused(channel, () => channel.ack(message))).toEqual({
      code: 406,
      text: "PRECONDITION_FAILED - unknown delivery tag 1",
    });
  });

  test("leaves the deliveries of other channels where they are", async () => {
    const queue = await broker.queue();
    for (const body of ["1", "2"]) await broker.publish("", queue, body);
    const other = await broker.channel();
    await held(other, queue, 1);
    const channel = await broker.channel();
    await held(channel, queue, 1);
    await channel.recover();
    await broker.barrier(channel);
    expect(await broker.bodies(queue)).toEqual(["2"]);
  });

  test("is nothing where nothing is held", async () => {
    await expect((await broker.channel()).recover()).resolves.toBeDefined();
  });

  test("without requeue is not implemented, and closes the connection with 540", async () => {
    const client = await broker.raw();
    await client.openChannel(1);
    client.send(1, "basic.recover", bits(false));
    expect(await client.refusal()).toEqual({
      scope: "connection",
      channel: 0,
      code: 540,
      text: "NOT_IMPLEMENTED - requeue=false",
      classId: 60,
      methodId: 110,
    });
  });

  test("has an older form that is not answered", async () => {
    const queue = await broker.queue();
    await broker.publish("", queue, "1");
    const client = await broker.raw();
    await client.openChannel(1);
    const get = [Buffer.alloc(2), shortstr(queue), bits(false)];
    expect((await client.call(1, "basic.get", ...get)).name).toBe("basic.get-ok");
    for (const type of [2, 3]) expect((await client.next()).type).toBe(type);
    client.send(1, "basic.recover-async", bits(true));
    expect((await client.call(1, "basic.get", ...get)).name).toBe("basic.get-ok");
  });
});
