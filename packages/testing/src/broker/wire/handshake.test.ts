import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { encodeFields } from "../codec/field-table-codec.ts";
import { fieldTable, longstr, textOf } from "../codec/field-values.ts";
import { protocolHeader } from "../codec/frames.ts";
import type { EmbeddedBroker } from "../embedded-broker.ts";
import { ManualClock } from "../manual-clock.ts";
import { startEmbeddedBroker } from "../start-embedded-broker.ts";
import { RawClient } from "./raw-client.test-support.ts";

let broker: EmbeddedBroker;
let clock: ManualClock;

beforeEach(async () => {
  clock = new ManualClock();
  broker = await startEmbeddedBroker({
    clock,
    users: { guest: { password: "guest" }, ann: { password: "s3cret" } },
  });
});
afterEach(() => broker.close());

describe("the greeting", () => {
  test.each(["AMQP\0\0\u0009\0", "AMQP\0\u0001\0\n", "GET / HTTP/1.1\r\n"])(
    "%j is answered with the version that is spoken, and closed",
    async (header) => {
      const client = await RawClient.connect(broker.port);
      const answer: Buffer[] = [];
      client.socket.on("data", (chunk) => answer.push(chunk));
      client.write(Buffer.from(header, "latin1"));
      await client.next("end");
      expect(Buffer.concat(answer)).toEqual(protocolHeader);
    },
  );

  test.each([
    ["GET / HTTP/1.1\r\n", "AMQP\u0003\u0001\0\0"],
    ["AMQP\0\0\u0009\0", "AMQP\0\0\u0009\u0001"],
  ])("%j is answered with %j by RabbitMQ 4", async (header, answer) => {
    await using four = await startEmbeddedBroker({ version: "4.0" });
    const client = await RawClient.connect(four.port);
    const answers: Buffer[] = [];
    client.socket.on("data", (chunk) => answers.push(chunk));
    client.write(Buffer.from(header, "latin1"));
    await client.next("end");
    expect(Buffer.concat(answers).toString("latin1")).toBe(answer);
  });

  test("may be that of AMQP 0-9", async () => {
    const client = await RawClient.connect(broker.port);
    client.write(Buffer.from("AMQP\u0001\u0001\0\u0009", "latin1"));
    expect(await client.any()).toMatchObject({ name: "connection.start" });
    client.end();
  });

  test("may come byte by byte", async () => {
    const client = await RawClient.connect(broker.port);
    client.socket.setNoDelay(true);
    for (const byte of protocolHeader) client.write(Buffer.of(byte));
    const { arguments: start } = await client.next("connection.start");
    expect(start).toMatchObject({
      versionMajor: 0,
      versionMinor: 9,
      mechanisms: Buffer.from("PLAIN AMQPLAIN"),
    });
    client.end();
  });

  test("says that the broker is embedded, and which RabbitMQ it behaves like", async () => {
    const client = await RawClient.connect(broker.port);
    client.write(protocolHeader);
    const { serverProperties } = (await client.next("connection.start")).arguments;
    expect(textOf(serverProperties.get("product"))).toBe("RabbitMQ");
    expect(textOf(serverProperties.get("platform"))).toBe("Warren embedded broker, Node.js");
    expect(textOf(serverProperties.get("version"))).toBe("3.10.8");
    expect(textOf(serverProperties.get("information"))).toBe("for tests and first runs, not for production");
    expect(serverProperties.get("capabilities")).toMatchObject({ type: "table" });
    client.end();
  });
});

describe("S13 a client that does not come to the end of the handshake is cut off after 10 s", () => {
  test.each([
    ["that says nothing", () => RawClient.connect(broker.port)],
    ["that greets and logs in", () => RawClient.greet({ port: broker.port })],
  ])("one %s", async (_, begin) => {
    const client = await begin();
    await vi.waitFor(() => expect(clock.waitingCount).toBe(1));
    clock.advance(9_999);
    expect(clock.waitingCount).toBe(1);
    clock.advance(1);
    let last = await client.any();
    while (last.name !== "end") last = await client.any();
    expect(clock.waitingCount).toBe(0);
  });

  test("but not one that has come there", async () => {
    const client = await RawClient.open({ port: broker.port });
    clock.advance(60_000);
    await expect(client.settled()).resolves.toBeUndefined();
    client.end();
  });
});

describe("the login", () => {
  test("with AMQPLAIN", async () => {
    const login = encodeFields(fieldTable({ LOGIN: longstr("ann"), PASSWORD: longstr("s3cret") }));
    const client = await RawClient.begin({
      port: broker.port,
      mechanism: "AMQPLAIN",
      login: login.toString("latin1"),
    });
    await client.next("connection.open-ok");
    expect(broker.connections).toMatchObject([{ user: "ann", vhost: "/" }]);
    client.end();
  });

  test.each(["\0ann\0wrong", "\0ann\0", "\0nobody\0s3cret", "\0ann\0s3cretly"])(
    "%j is refused in the words of RabbitMQ",
    async (login) => {
      const client = await RawClient.greet({ port: broker.port, login });
      const { arguments: close } = await client.next("connection.close");
      expect(close).toEqual({
        replyCode: 403,
        replyText:
          "ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. For details see the broker logfile.",
        classId: 0,
        methodId: 0,
      });
      client.send(0, "connection.close-ok", {});
      await client.next("end");
    },
  );

  test("with an empty password is refused, even where the account has none", async () => {
    broker.addUser("eve", { password: "" });
    const client = await RawClient.greet({ port: broker.port, login: "\0eve\0" });
    expect((await client.next("connection.close")).arguments.replyCode).toBe(403);
    client.end();
  });

  test.each([
    ["to a client that would not understand", { login: "\0ann\0wrong", capabilities: [] }],
    ["with a mechanism that was not offered", { mechanism: "EXTERNAL" }],
    ["with an unknown mechanism", { mechanism: "SCRAM" }],
    ["that does not keep to PLAIN", { login: "guest" }],
    ["with an authorization identity", { login: "guest\0guest\0guest" }],
    ["that does not keep to AMQPLAIN", { mechanism: "AMQPLAIN", login: "guest" }],
  ])("ends without a word %s", async (_, options) => {
    const client = await RawClient.greet({ port: broker.port, ...options });
    expect(await client.any()).toEqual({ name: "end" });
  });
});

describe("connection.tune-ok", () => {
  test.each([
    { channelMax: 0 },
    { channelMax: 2_048 },
    { frameMax: 0 },
    { frameMax: 131_073 },
    { frameMax: 4_095 },
  ])("beyond what was offered ends the connection without a word: %j", async (tune) => {
    const client = await RawClient.begin({ port: broker.port, tune });
    expect(await client.any()).toEqual({ name: "end" });
  });

  test("binds the broker to smaller frames", async () => {
    const client = await RawClient.open({ port: broker.port, tune: { frameMax: 4_096 } });
    client.publish({ routingKey: "nowhere", mandatory: true }, "");
    await client.next("basic.return");
    await client.next("header");
    client.sendFrame(3, 1, Buffer.alloc(4_097));
    const { arguments: close } = await client.next("connection.close");
    expect(close.replyText).toBe("FRAME_ERROR - type 3, all octets = <<>>: {frame_too_large,4097,4088}");
    client.end();
  });

  test("limits how many channels may be open at once", async () => {
    const client = await RawClient.open({ port: broker.port, tune: { channelMax: 2 } });
    await client.openChannel(7);
    client.send(8, "channel.open", {});
    const { arguments: close } = await client.next("connection.close");
    expect(close).toMatchObject({
      replyCode: 530,
      replyText: "NOT_ALLOWED - number of channels opened (2) has reached the negotiated channel_max (2)",
    });
    client.end();
  });
});

test("an unknown virtual host is refused with 530", async () => {
  const client = await RawClient.begin({ port: broker.port, vhost: "elsewhere" });
  const { arguments: close } = await client.next("connection.close");
  expect(close).toEqual({
    replyCode: 530,
    replyText: "NOT_ALLOWED - vhost elsewhere not found",
    classId: 10,
    methodId: 40,
  });
  client.end();
});

test("a virtual host that the user may not open is refused with 530", async () => {
  broker.addVhost("private");
  broker.addUser("bob", { password: "b", vhosts: ["/"] });
  const client = await RawClient.begin({ port: broker.port, login: "\0bob\0b", vhost: "private" });
  expect((await client.next("connection.close")).arguments.replyText).toBe(
    "NOT_ALLOWED - access to vhost 'private' refused for user 'bob'",
  );
  client.end();
  const allowed = await RawClient.begin({ port: broker.port, login: "\0bob\0b" });
  await allowed.next("connection.open-ok");
  allowed.end();
});

test("a channel before its virtual host is refused with 505", async () => {
  const client = await RawClient.greet({ port: broker.port });
  const { arguments: tune } = await client.next("connection.tune");
  client.send(0, "connection.tune-ok", { ...tune, heartbeat: 0 });
  client.send(1, "channel.open", {});
  expect((await client.next("connection.close")).arguments.replyText).toBe(
    "UNEXPECTED_FRAME - type 1, all octets = <<0,20,0,10,0>>",
  );
  client.end();
});

test("a new secret is taken", async () => {
  const client = await RawClient.open({ port: broker.port });
  client.send(0, "connection.update-secret", { newSecret: Buffer.from("token"), reason: "expired" });
  expect(await client.any()).toMatchObject({ name: "connection.update-secret-ok" });
  client.end();
});
