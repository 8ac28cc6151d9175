import { expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { bits, long, longlong, short, shortstr } from "../harness/frames.ts";
import type { RawClient } from "../harness/raw-client.ts";
import { refused } from "../harness/refused.ts";

/** Something that the broker answers with a channel.close. */
function goWrong(raw: RawClient, channel: number): void {
  raw.send(channel, "basic.ack", longlong(9n), bits(false));
}

function qos(raw: RawClient, channel: number): void {
  raw.send(channel, "basic.qos", long(0), short(1), bits(false));
}

describeBrokers("A channel", (broker) => {
  const opened = async (): Promise<RawClient> => {
    const raw = await broker.raw();
    await raw.openChannel(1);
    return raw;
  };

  test("opened twice ends the connection", async () => {
    const raw = await opened();
    raw.send(1, "channel.open", shortstr(""));
    expect(await raw.refusal()).toMatchObject({
      scope: "connection",
      code: 504,
      text: "CHANNEL_ERROR - second 'channel.open' seen",
      classId: 20,
      methodId: 10,
    });
  });

  test("that was not opened ends the connection, even to close it", async () => {
    for (const use of [
      (raw: RawClient) => qos(raw, 7),
      (raw: RawClient) => raw.send(7, "channel.close", short(200), shortstr(""), short(0), short(0)),
    ]) {
      const raw = await opened();
      use(raw);
      expect(await raw.refusal()).toMatchObject({
        scope: "connection",
        channel: 0,
        code: 504,
        text: "CHANNEL_ERROR - expected 'channel.open'",
      });
    }
  });

  test("that is closed may be opened again under its number", async () => {
    const raw = await opened();
    const answer = await raw.call(1, "channel.close", short(200), shortstr(""), short(0), short(0));
    expect(answer.name).toBe("channel.close-ok");
    await raw.openChannel(1);
    qos(raw, 1);
    expect((await raw.next()).name).toBe("basic.qos-ok");
  });

  test("that the broker closed ignores everything until close-ok, and is free then", async () => {
    const raw = await opened();
    goWrong(raw, 1);
    expect(await raw.refusal()).toMatchObject({
      scope: "channel",
      channel: 1,
      code: 406,
      text: "PRECONDITION_FAILED - unknown delivery tag 9",
      classId: 60,
      methodId: 80,
    });
    qos(raw, 1);
    raw.send(1, "channel.close-ok");
    expect((await raw.call(1, "channel.open", shortstr(""))).name).toBe("channel.open-ok");
    qos(raw, 1);
    expect((await raw.next()).name).toBe("basic.qos-ok");
  });

  test("that the broker closed cannot be opened before close-ok", async () => {
    const raw = await opened();
    goWrong(raw, 1);
    await raw.refusal();
    raw.send(1, "channel.open", shortstr(""));
    expect(await raw.refusal()).toMatchObject({
      scope: "connection",
      code: 504,
      text: "CHANNEL_ERROR - second 'channel.open' seen",
    });
  });

  test("may be closed by both sides at once", async () => {
    const raw = await opened();
    goWrong(raw, 1);
    raw.send(1, "channel.close", short(200), shortstr(""), short(0), short(0));
    await raw.refusal();
    expect((await raw.next()).name).toBe("channel.close-ok");
  });

  test("that fails leaves the others of its connection alone", async () => {
    const connection = await broker.connect();
    const [good, bad] = [await broker.channel(connection), await broker.channel(connection)];
    const { queue } = await good.assertQueue("", { exclusive: true });
    await refused(bad, () => bad.checkQueue("not-there"));
    good.sendToQueue(queue, Buffer.from("still here"));
    await broker.barrier(good);
    expect(await good.checkQueue(queue)).toMatchObject({ messageCount: 1 });
  });

  test("goes on being told to flow, and cannot be told to pause", async () => {
    const raw = await opened();
    const answer = await raw.call(1, "channel.flow", bits(true));
    expect([answer.name, answer.payload[4]]).toEqual(["channel.flow-ok", 1]);
    raw.send(1, "channel.flow", bits(false));
    expect(await raw.refusal()).toMatchObject({
      scope: "connection",
      code: 540,
      text: "NOT_IMPLEMENTED - active=false",
    });
  });

  test("more than negotiated ends the connection; its number alone does not count", async () => {
    const raw = await broker.rawSocket();
    await raw.login();
    raw.tune({ channelMax: 2 });
    raw.send(0, "connection.open", shortstr(broker.vhost), shortstr(""), bits(false));
    await raw.next();
    await raw.openChannel(9);
    await raw.openChannel(1);
    raw.send(2, "channel.open", shortstr(""));
    expect(await raw.refusal()).toMatchObject({
      scope: "connection",
      code: 530,
      text: "NOT_ALLOWED - number of channels opened (2) has reached the negotiated channel_max (2)",
    });
  });

  test("zero is the connection's own", async () => {
    for (const misuse of [
      (raw: RawClient) => qos(raw, 0),
      (raw: RawClient) => raw.send(0, "channel.open", shortstr("")),
    ]) {
      const raw = await opened();
      misuse(raw);
      expect(await raw.refusal()).toMatchObject({
        scope: "connection",
        code: 504,
        text: "CHANNEL_ERROR - unexpected method in connection state running",
      });
    }
  });

  test("takes no methods of the connection, nor what only a server sends", async () => {
    for (const misuse of [
      (raw: RawClient) => raw.send(1, "connection.close-ok"),
      (raw: RawClient) => raw.send(1, "queue.declare-ok", shortstr("q"), long(0), long(0)),
    ]) {
      const raw = await opened();
      misuse(raw);
      expect(await raw.refusal()).toMatchObject({
        scope: "connection",
        code: 503,
        text: "COMMAND_INVALID - unimplemented method",
      });
    }
  });

  test("answers its methods in their order, pipelined or not", async () => {
    const raw = await opened();
    qos(raw, 1);
    raw.send(1, "confirm.select", bits(false));
    raw.send(1, "channel.flow", bits(true));
    qos(raw, 1);
    const names = [await raw.next(), await raw.next(), await raw.next(), await raw.next()].map(
      ({ name }) => name,
    );
    expect(names).toEqual(["basic.qos-ok", "confirm.select-ok", "channel.flow-ok", "basic.qos-ok"]);
  });

  test("does not answer what was sent with nowait", async () => {
    const raw = await opened();
    raw.send(1, "confirm.select", bits(true));
    qos(raw, 1);
    expect((await raw.next()).name).toBe("basic.qos-ok");
  });
});
