import amqplib from "amqplib";
import { expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { eventually } from "../harness/eventually.ts";
import { bits, contentHeader, frame, longstr, method, short, shortstr, table } from "../harness/frames.ts";
import { protocolHeader, type RawClient } from "../harness/raw-client.ts";

const nobody = { name: "nobody", password: "secret" };

/** The client says that it wants to be told why a login failed. */
const wantsReasons = table({
  capabilities: Buffer.concat([
    Buffer.from("F"),
    table({ authentication_failure_close: Buffer.from("t\x01") }),
  ]),
});

describeBrokers("The handshake", { users: [nobody] }, (broker) => {
  const greeted = async (): Promise<RawClient> => {
    const raw = await broker.rawSocket();
    raw.write(protocolHeader);
    await raw.next();
    return raw;
  };
  const openVhost = (raw: RawClient, vhost: string): void =>
    raw.send(0, "connection.open", shortstr(vhost), shortstr(""), bits(false));

  test.each([
    ["HTTP", "GET / HTTP/1.1\r\n\r\n"],
    ["AMQP 0-10", "AMQP\u0001\u0001\u0000\u000a"],
  ])("answers %s with the protocol that it speaks and ends the socket", async (_what, bytes) => {
    const raw = await broker.rawSocket();
    raw.write(Buffer.from(bytes, "latin1"));
    expect((await raw.ended()).toString("latin1")).toBe(
      broker.byVersion({ "3.10": "AMQP\u0000\u0000\u0009\u0001", "4.0": "AMQP\u0003\u0001\u0000\u0000" }),
    );
  });

  test("greets with 0-9, its mechanisms and its locale", async () => {
    const raw = await broker.rawSocket();
    raw.write(protocolHeader);
    const { name, channel, payload } = await raw.next();
    expect({ name, channel, version: [payload[4], payload[5]] }).toEqual({
      name: "connection.start",
      channel: 0,
      version: [0, 9],
    });
    const end = 10 + payload.readUInt32BE(6);
    const mechanisms = payload.toString("latin1", end + 4, end + 4 + payload.readUInt32BE(end)).split(" ");
    expect(mechanisms).toEqual(expect.arrayContaining(["PLAIN", "AMQPLAIN"]));
    expect(payload.subarray(-9)).toEqual(longstr("en_US"));
  });

  test("tells what the server is and can", async () => {
    const connection = await broker.connect();
    const text = expect.any(String) as string;
    expect(connection.connection.serverProperties).toMatchObject({
      product: text,
      platform: text,
      information: text,
      cluster_name: text,
      version: expect.stringMatching(
        broker.byVersion({ "3.10": /^3\.10\.\d+$/, "4.0": /^4\.0\.\d+$/ }),
      ) as string,
      capabilities: {
        publisher_confirms: true,
        exchange_exchange_bindings: true,
        "basic.nack": true,
        consumer_cancel_notify: true,
        "connection.blocked": true,
        consumer_priorities: true,
        authentication_failure_close: true,
        per_consumer_qos: true,
        direct_reply_to: true,
      },
    });
  });

  test("proposes 2047 channels, frames of 128 KiB and heartbeats of a minute", async () => {
    const raw = await broker.rawSocket();
    const { name, payload } = await raw.login();
    expect(name).toBe("connection.tune");
    expect([payload.readUInt16BE(4), payload.readUInt32BE(6), payload.readUInt16BE(10)]).toEqual([
      2047, 131_072, 60,
    ]);
  });

  test("takes a login by AMQPLAIN", async () => {
    const raw = await greeted();
    const text = (value: string): Buffer => Buffer.concat([Buffer.from("S"), longstr(value)]);
    const fields = table({ LOGIN: text("guest"), PASSWORD: text("guest") });
    raw.startOk("AMQPLAIN", longstr(fields.subarray(4)));
    expect((await raw.next()).name).toBe("connection.tune");
  });

  test.each([
    ["a wrong password", "\0guest\0wrong"],
    ["an unknown user", "\0stranger\0guest"],
    ["an empty password", "\0guest\0"],
  ])("refuses %s with 403, to a client that wants to know", async (_what, response) => {
    const raw = await greeted();
    raw.startOk("PLAIN", longstr(response), wantsReasons);
    expect(await raw.refusal()).toMatchObject({
      scope: "connection",
      code: 403,
      text: "ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. For details see the broker logfile.",
    });
  });

  test("tells amqplib of a wrong password", async () => {
    await expect(amqplib.connect(broker.url("guest", "wrong"))).rejects.toThrow(
      /403 \(ACCESS-REFUSED\) with message "ACCESS_REFUSED - Login was refused/,
    );
  });

  test("ends the socket without a word where a client breaks it", async () => {
    const breaks: ((raw: RawClient) => void)[] = [
      (raw) => raw.startOk("PLAIN", longstr("\0guest\0wrong")),
      (raw) => raw.startOk("CRAM-SHA-3", longstr("")),
      (raw) => raw.startOk("PLAIN", longstr("guest")),
    ];
    const tunes: ((raw: RawClient) => void)[] = [
      (raw) => raw.tune({ channelMax: 2048 }),
      (raw) => raw.tune({ channelMax: 0 }),
      (raw) => raw.tune({ frameMaxBytes: 131_073 }),
      (raw) => raw.tune({ frameMaxBytes: 0 }),
      (raw) => raw.tune({ frameMaxBytes: 4_095 }),
      (raw) => openVhost(raw, broker.vhost),
    ];
    const ended = async (raw: RawClient, act: (raw: RawClient) => void): Promise<string> => {
      act(raw);
      return (await raw.ended()).toString("latin1");
    };
    // Side by side: RabbitMQ takes three seconds for it, against those who try passwords.
    const words = await Promise.all([
      ...breaks.map(async (act) => ended(await greeted(), act)),
      ...tunes.map(async (act) => {
        const raw = await broker.rawSocket();
        await raw.login();
        return ended(raw, act);
      }),
    ]);
    expect(words).toEqual(Array.from({ length: 9 }, () => ""));
  });

  test.each([{ channelMax: 1 }, { frameMaxBytes: 4_096 }])("settles on %j", async (tuning) => {
    const raw = await broker.rawSocket();
    await raw.login();
    raw.tune(tuning);
    openVhost(raw, broker.vhost);
    expect((await raw.next()).name).toBe("connection.open-ok");
  });

  test("refuses a virtual host that is not there", async () => {
    const raw = await broker.rawSocket();
    await raw.login();
    raw.tune({});
    openVhost(raw, "not-there");
    expect(await raw.refusal()).toMatchObject({
      scope: "connection",
      code: 530,
      text: "NOT_ALLOWED - vhost not-there not found",
      classId: 10,
      methodId: 40,
    });
    raw.send(0, "connection.close-ok");
    await raw.ended();
  });

  test("refuses a virtual host in which the user has no permissions", async () => {
    const raw = await broker.rawSocket();
    await raw.login("nobody", "secret");
    raw.tune({});
    openVhost(raw, broker.vhost);
    expect(await raw.refusal()).toMatchObject({
      scope: "connection",
      code: 530,
      text: `NOT_ALLOWED - access to vhost '${broker.vhost}' refused for user 'nobody'`,
    });
  });

  test("refuses a channel before the virtual host is open", async () => {
    const raw = await broker.rawSocket();
    await raw.login();
    raw.tune({});
    raw.send(1, "channel.open", shortstr(""));
    expect(await raw.refusal()).toMatchObject({
      scope: "connection",
      code: 505,
      text: "UNEXPECTED_FRAME - type 1, all octets = <<0,20,0,10,0>>",
    });
  });

  test("is over once: a second connection.open is refused", async () => {
    const raw = await broker.raw();
    openVhost(raw, broker.vhost);
    expect(await raw.refusal()).toMatchObject({
      scope: "connection",
      code: 504,
      text: "CHANNEL_ERROR - unexpected method in connection state running",
    });
  });
});

describeBrokers("Closing a connection", (broker) => {
  test("is answered with close-ok", async () => {
    const raw = await broker.raw();
    await raw.openChannel(1);
    const answer = await raw.call(0, "connection.close", short(200), shortstr("bye"), short(0), short(0));
    expect(answer.name).toBe("connection.close-ok");
  });

  test("comes after what was published before it", async () => {
    const queue = await broker.queue();
    const raw = await broker.raw();
    await raw.openChannel(1);
    const publish = method("basic.publish", short(0), shortstr(""), shortstr(queue), bits(false));
    for (let n = 0; n < 50; n++) raw.write(frame(1, 1, publish), frame(2, 1, contentHeader(0)));
    const answer = await raw.call(0, "connection.close", short(200), shortstr("bye"), short(0), short(0));
    expect(answer.name).toBe("connection.close-ok");
    const depth = (): Promise<number> => broker.depth(queue);
    expect(await eventually(depth, (count) => count === 50)).toBe(50);
  });

  test("by the broker waits for close-ok and then ends the socket", async () => {
    const raw = await broker.raw();
    openAgain(raw);
    await raw.refusal();
    raw.send(0, "connection.close-ok");
    expect(await raw.ended()).toEqual(Buffer.alloc(0));
  });

  test("takes a new secret while it is open", async () => {
    const raw = await broker.raw();
    const answer = await raw.call(0, "connection.update-secret", longstr("guest"), shortstr("renewed"));
    expect(answer.name).toBe("connection.update-secret-ok");
  });
});

function openAgain(raw: RawClient): void {
  raw.send(0, "connection.open", shortstr("/"), shortstr(""), bits(false));
}
