import { expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { bits, contentHeader, frame, longlong, method, shortstr } from "../harness/frames.ts";
import type { RawClient } from "../harness/raw-client.ts";
import { taken } from "../harness/taken.ts";

const nothing = Buffer.alloc(2);

describeBrokers("Transactions", (broker) => {
  /** A raw client with channel 1 in a transaction, which amqplib has no words for. */
  async function transacting(): Promise<RawClient> {
    const client = await broker.raw();
    await client.openChannel(1);
    expect((await client.call(1, "tx.select")).name).toBe("tx.select-ok");
    return client;
  }

  function publish(
    client: RawClient,
    queue: string,
    body: string,
    { exchange = "", mandatory = false } = {},
  ): void {
    client.write(
      frame(
        1,
        1,
        method("basic.publish", nothing, shortstr(exchange), shortstr(queue), bits(mandatory, false)),
      ),
      frame(2, 1, contentHeader(body.length)),
      frame(3, 1, Buffer.from(body)),
    );
  }

  /** Gets a message and leaves it in the client's hands; its tag is the next one of the channel. */
  async function hold(client: RawClient, queue: string): Promise<void> {
    expect((await client.call(1, "basic.get", nothing, shortstr(queue), bits(false))).name).toBe(
      "basic.get-ok",
    );
    for (const type of [2, 3]) expect((await client.next()).type).toBe(type);
  }

  /** A round trip, so that all that was sent before has been read. */
  async function ping(client: RawClient): Promise<void> {
    const answer = await client.call(1, "basic.qos", Buffer.alloc(4), Buffer.alloc(2), bits(false));
    expect(answer.name).toBe("basic.qos-ok");
  }

  test("keep publishes back until they are committed", async () => {
    const queue = await broker.queue();
    const client = await transacting();
    for (const body of ["1", "2"]) publish(client, queue, body);
    await ping(client);
    expect(await broker.depth(queue)).toBe(0);
    expect((await client.call(1, "tx.commit")).name).toBe("tx.commit-ok");
    expect(await broker.bodies(queue)).toEqual(["1", "2"]);
  });

  test("forget publishes that are rolled back, and go on", async () => {
    const queue = await broker.queue();
    const client = await transacting();
    publish(client, queue, "1");
    expect((await client.call(1, "tx.rollback")).name).toBe("tx.rollback-ok");
    publish(client, queue, "2");
    await client.call(1, "tx.commit");
    expect(await broker.bodies(queue)).toEqual(["2"]);
  });

  test("keep acks back until they are committed", async () => {
    const queue = await broker.queue();
    for (const body of ["1", "2"]) await broker.publish("", queue, body);
    const client = await transacting();
    await hold(client, queue);
    client.send(1, "basic.ack", longlong(1n), bits(false));
    await client.call(1, "tx.commit");
    await hold(client, queue);
    client.send(1, "basic.ack", longlong(2n), bits(false));
    await client.call(1, "channel.close", Buffer.alloc(2), shortstr(""), Buffer.alloc(4));
    expect(await taken(broker, queue, 1)).toEqual(["2*"]);
  });

  test("undo an ack by rollback, so that the tag may be settled again", async () => {
    const queue = await broker.queue();
    await broker.publish("", queue, "1");
    const client = await transacting();
    await hold(client, queue);
    client.send(1, "basic.ack", longlong(1n), bits(false));
    expect((await client.call(1, "tx.rollback")).name).toBe("tx.rollback-ok");
    client.send(1, "basic.ack", longlong(1n), bits(false));
    expect((await client.call(1, "tx.commit")).name).toBe("tx.commit-ok");
    await client.call(1, "channel.close", Buffer.alloc(2), shortstr(""), Buffer.alloc(4));
    expect(await broker.bodies(queue)).toEqual([]);
  });

  test("keep a return to the queue back until it is committed", async () => {
    const queue = await broker.queue();
    await broker.publish("", queue, "1");
    const client = await transacting();
    await hold(client, queue);
    client.send(1, "basic.nack", longlong(1n), bits(false, true));
    await ping(client);
    expect(await broker.depth(queue)).toBe(0);
    await client.call(1, "tx.commit");
    expect(await taken(broker, queue, 1)).toEqual(["1*"]);
  });

  test("forget all that is not committed when the channel closes", async () => {
    const queue = await broker.queue();
    await broker.publish("", queue, "1");
    const client = await transacting();
    await hold(client, queue);
    client.send(1, "basic.ack", longlong(1n), bits(false));
    publish(client, queue, "lost");
    await client.call(1, "channel.close", Buffer.alloc(2), shortstr(""), Buffer.alloc(4));
    expect(await taken(broker, queue, 1)).toEqual(["1*"]);
  });

  test("return what is unroutable when they are committed, before the answer", async () => {
    const client = await transacting();
    publish(client, "nowhere", "1", { mandatory: true });
    await ping(client);
    client.send(1, "tx.commit");
    const { name, payload } = await client.next();
    expect(name).toBe("basic.return");
    expect(payload.readUInt16BE(4)).toBe(312);
    for (const type of [2, 3]) expect((await client.next()).type).toBe(type);
    expect((await client.next()).name).toBe("tx.commit-ok");
  });

  test("find a missing exchange at once, and lose what was published before it", async () => {
    const queue = await broker.queue();
    const client = await transacting();
    publish(client, queue, "1");
    publish(client, queue, "2", { exchange: "nowhere" });
    expect(await client.refusal()).toMatchObject({
      scope: "channel",
      code: 404,
      text: `NOT_FOUND - no exchange 'nowhere' in vhost '${broker.vhost}'`,
    });
    expect(await broker.bodies(queue)).toEqual([]);
  });

  test("find an unknown tag at once", async () => {
    const client = await transacting();
    client.send(1, "basic.ack", longlong(3n), bits(false));
    expect(await client.refusal()).toMatchObject({
      code: 406,
      text: "PRECONDITION_FAILED - unknown delivery tag 3",
    });
  });

  test("may be selected twice, and committed empty", async () => {
    const client = await transacting();
    expect((await client.call(1, "tx.select")).name).toBe("tx.select-ok");
    expect((await client.call(1, "tx.commit")).name).toBe("tx.commit-ok");
    expect((await client.call(1, "tx.rollback")).name).toBe("tx.rollback-ok");
  });

  test.each(["tx.commit", "tx.rollback"] as const)("are needed for %s", async (name) => {
    const client = await broker.raw();
    await client.openChannel(1);
    client.send(1, name);
    expect(await client.refusal()).toMatchObject({
      scope: "channel",
      code: 406,
      text: "PRECONDITION_FAILED - channel is not transactional",
    });
  });

  test("cannot begin on a channel with confirms, nor confirms in a transaction", async () => {
    const client = await transacting();
    client.send(1, "confirm.select", bits(false));
    expect(await client.refusal()).toMatchObject({
      code: 406,
      text: "PRECONDITION_FAILED - cannot switch from tx to confirm mode",
    });
    const other = await broker.raw();
    await other.openChannel(1);
    expect((await other.call(1, "confirm.select", bits(false))).name).toBe("confirm.select-ok");
    other.send(1, "tx.select");
    expect(await other.refusal()).toMatchObject({
      code: 406,
      text: "PRECONDITION_FAILED - cannot switch from confirm to tx mode",
    });
  });
});
