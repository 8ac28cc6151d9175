import type { Channel } from "amqplib";
import { describe, expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { refused } from "../harness/refused.ts";

const limited = {
  name: "limited",
  password: "secret",
  permissions: { configure: "^own-", write: "^(own|write)-", read: "^(own|read)-" },
};

type Attempt = (channel: Channel) => unknown;
const body = Buffer.from("");

/** What the user may not do, and the access to what that takes; RabbitMQ names the kind of access since 4.0. */
const attempts: readonly (readonly [what: string, access: string, name: string, attempt: Attempt])[] = [
  [
    "declare a queue",
    "configure",
    "queue 'read-q'",
    (channel) => channel.assertQueue("read-q", { durable: true }),
  ],
  ["delete a queue", "configure", "queue 'read-q'", (channel) => channel.deleteQueue("read-q")],
  ["purge a queue", "read", "queue 'write-q'", (channel) => channel.purgeQueue("write-q")],
  ["get from a queue", "read", "queue 'write-q'", (channel) => channel.get("write-q")],
  [
    "consume from a queue",
    "read",
    "queue 'write-q'",
    (channel) => channel.consume("write-q", () => undefined),
  ],
  [
    "declare an exchange",
    "configure",
    "exchange 'write-x'",
    (channel) => channel.assertExchange("write-x", "fanout"),
  ],
  ["delete an exchange", "configure", "exchange 'write-x'", (channel) => channel.deleteExchange("write-x")],
  ["publish", "write", "exchange 'read-x'", (channel) => channel.publish("read-x", "", body)],
  [
    "publish to the default exchange",
    "write",
    "exchange 'amq.default'",
    (channel) => channel.publish("", "read-q", body),
  ],
  [
    "write to the bound queue",
    "write",
    "queue 'read-q'",
    (channel) => channel.bindQueue("read-q", "read-x", ""),
  ],
  [
    "read from the bound exchange",
    "read",
    "exchange 'write-x'",
    (channel) => channel.bindQueue("own-q", "write-x", ""),
  ],
  [
    "write to the unbound queue",
    "write",
    "queue 'read-q'",
    (channel) => channel.unbindQueue("read-q", "read-x", ""),
  ],
  [
    "write to the bound exchange",
    "write",
    "exchange 'read-x'",
    (channel) => channel.bindExchange("read-x", "own-x", ""),
  ],
  [
    "name a dead-letter exchange that it may not write to",
    "write",
    "exchange 'read-x'",
    (channel) => channel.assertQueue("own-dead", { deadLetterExchange: "read-x" }),
  ],
  [
    "name an alternate exchange that it may not write to",
    "write",
    "exchange 'read-x'",
    (channel) => channel.assertExchange("own-alternate", "fanout", { alternateExchange: "read-x" }),
  ],
];

describeBrokers("A user with permissions for some names", { users: [limited] }, (broker) => {
  const setUp = async (): Promise<Channel> => {
    const channel = await broker.channel();
    for (const prefix of ["own", "read", "write"]) {
      await channel.assertQueue(`${prefix}-q`);
      await channel.assertExchange(`${prefix}-x`, "fanout");
    }
    return broker.channel(await broker.connect(broker.url("limited", "secret")));
  };

  describe("may not", () => {
    test.each(attempts)("%s: that is to %s %s", async (_what, access, name, attempt) => {
      const channel = await setUp();
      const kind = broker.byVersion({ "3.10": "", "4.0": `${access} ` });
      expect(await refused(channel, () => attempt(channel))).toEqual({
        code: 403,
        text: `ACCESS_REFUSED - ${kind}access to ${name} in vhost '${broker.vhost}' refused for user 'limited'`,
      });
    });
  });

  test("may do the rest, and ask passively for what it may not touch", async () => {
    const channel = await setUp();
    await channel.assertQueue("own-q");
    await channel.bindQueue("own-q", "read-x", "");
    await channel.bindQueue("write-q", "own-x", "");
    channel.publish("write-x", "", body);
    await channel.get("read-q");
    expect(await channel.checkQueue("write-q")).toMatchObject({ queue: "write-q" });
    expect(await channel.checkExchange("write-x")).toEqual({});
    expect(await refused(channel, () => channel.checkQueue("other-q"))).toMatchObject({ code: 404 });
  });

  test("may not publish in the name of another user", async () => {
    const channel = await setUp();
    expect(await refused(channel, () => channel.publish("own-x", "", body, { userId: "guest" }))).toEqual({
      code: 406,
      text: "PRECONDITION_FAILED - user_id property set to 'guest' but authenticated user was 'limited'",
    });
    const other = await setUp();
    other.publish("own-x", "", body, { userId: "limited" });
    await other.checkExchange("own-x");
  });

  test("has its temporary queues by name of the server only if that name is allowed", async () => {
    const channel = await setUp();
    expect((await refused(channel, () => channel.assertQueue("", { exclusive: true }))).text).toMatch(
      /^ACCESS_REFUSED - (configure )?access to queue 'amq\.gen-[\w-]{22}' in vhost/,
    );
  });
});
