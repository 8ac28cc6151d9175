import { describe, expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { refused } from "../harness/refused.ts";

type QueueType = "classic" | "quorum" | "stream";

/** By the arguments beside `x-queue-type`: the queue types that take them. */
const accepted: readonly (readonly [args: Readonly<Record<string, unknown>>, types: readonly QueueType[]])[] =
  [
    [{}, ["classic", "quorum", "stream"]],
    [{ "x-message-ttl": 1_000 }, ["classic", "quorum"]],
    [{ "x-message-ttl": 0 }, ["classic", "quorum"]],
    [{ "x-message-ttl": 4_294_967_296 }, ["classic", "quorum"]],
    [{ "x-expires": 100_000 }, ["classic", "quorum"]],
    [{ "x-max-length": 5 }, ["classic", "quorum"]],
    [{ "x-max-length": 0 }, ["classic", "quorum"]],
    [{ "x-max-length-bytes": 5_000 }, ["classic", "quorum", "stream"]],
    [{ "x-max-priority": 10 }, ["classic"]],
    [{ "x-max-priority": 0 }, ["classic"]],
    [{ "x-overflow": "drop-head" }, ["classic", "quorum"]],
    [{ "x-overflow": "reject-publish" }, ["classic", "quorum"]],
    [{ "x-overflow": "reject-publish-dlx" }, ["classic", "quorum"]],
    [{ "x-dead-letter-exchange": "not-there" }, ["classic", "quorum"]],
    [{ "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "key" }, ["classic", "quorum"]],
    [{ "x-dead-letter-strategy": "at-least-once" }, ["quorum"]],
    [{ "x-dead-letter-strategy": "at-most-once" }, ["quorum"]],
    [{ "x-delivery-limit": 5 }, ["quorum"]],
    [{ "x-delivery-limit": -1 }, ["quorum"]],
    [{ "x-single-active-consumer": true }, ["classic", "quorum"]],
    [{ "x-queue-mode": "lazy" }, ["classic"]],
    [{ "x-queue-version": 2 }, ["classic"]],
    [{ "x-quorum-initial-group-size": 1 }, ["quorum"]],
    [{ "x-max-age": "1h" }, ["stream"]],
    [{ "x-stream-max-segment-size-bytes": 1_000_000 }, ["stream"]],
    [{ "x-initial-cluster-size": 1 }, ["stream"]],
    [{ "x-consumer-timeout": 60_000 }, ["classic", "quorum", "stream"]],
    [{ "x-of-the-user": "anything" }, ["classic", "quorum", "stream"]],
  ];

/** Values that no queue type takes, and the reason behind `invalid arg '…' for queue '…' in vhost '…': `. */
const refusedValues: readonly (readonly [type: QueueType, name: string, value: unknown, reason: string])[] = [
  ["classic", "x-message-ttl", -1, "{value_negative,-1}"],
  ["classic", "x-message-ttl", "60", '"expected integer, got longstr"'],
  ["classic", "x-expires", 0, "{value_zero,0}"],
  ["classic", "x-expires", -1, "{value_negative,-1}"],
  ["classic", "x-expires", "1", '"expected integer, got longstr"'],
  ["classic", "x-max-length", -1, "{value_negative,-1}"],
  ["classic", "x-max-length", "5", '"expected integer, got longstr"'],
  ["classic", "x-max-length-bytes", -1, "{value_negative,-1}"],
  ["classic", "x-max-priority", 256, "{max_value_exceeded,256}"],
  ["classic", "x-max-priority", -1, "{value_negative,-1}"],
  ["classic", "x-max-priority", "5", '"expected integer, got longstr"'],
  ["classic", "x-overflow", "spill", "invalid_overflow"],
  ["classic", "x-overflow", 1, "{unacceptable_type,byte}"],
  ["classic", "x-dead-letter-routing-key", "key", "routing_key_but_no_dlx_defined"],
  ["classic", "x-single-active-consumer", "yes", "{unacceptable_type,longstr}"],
  ["classic", "x-queue-mode", "eager", "\"unsupported queue mode 'eager'\""],
  ["classic", "x-queue-version", 3, "\"unsupported queue version '3'\""],
  ["quorum", "x-message-ttl", -1, "{value_negative,-1}"],
  ["quorum", "x-expires", 0, "{value_zero,0}"],
  ["quorum", "x-max-length", -1, "{value_negative,-1}"],
  ["quorum", "x-max-length-bytes", -1, "{value_negative,-1}"],
  ["quorum", "x-overflow", "spill", "invalid_overflow"],
  ["quorum", "x-dead-letter-strategy", "sometimes", "invalid_dlx_strategy"],
  ["quorum", "x-dead-letter-routing-key", "key", "routing_key_but_no_dlx_defined"],
  ["quorum", "x-single-active-consumer", "yes", "{unacceptable_type,longstr}"],
  ["quorum", "x-quorum-initial-group-size", 0, "{value_zero,0}"],
  ["quorum", "x-queue-leader-locator", "anywhere", "invalid_queue_locator_arg"],
  ["stream", "x-max-length-bytes", -1, "{value_negative,-1}"],
  ["stream", "x-queue-leader-locator", "anywhere", "invalid_queue_locator_arg"],
  ["classic", "x-queue-type", "priority", "\"unsupported queue type 'priority'\""],
  ["classic", "x-queue-type", 5, "{unacceptable_type,byte}"],
];

/** What makes a queue a temporary one, and the property that RabbitMQ names. */
const temporary = [
  [{ durable: false }, "non-durable"],
  [{ exclusive: true }, "exclusive-owner"],
  [{ autoDelete: true }, "auto-delete"],
] as const;

describeBrokers("The arguments of a queue", (broker) => {
  describe.each(["classic", "quorum", "stream"] as const)("of type %s:", (type) => {
    test.each(accepted)("%j is legal for %j", async (args, types) => {
      const channel = await broker.channel();
      const queue = broker.name(type);
      const declare = () => channel.assertQueue(queue, { arguments: { "x-queue-type": type, ...args } });
      if (types.includes(type)) {
        expect(await declare()).toEqual({ queue, messageCount: 0, consumerCount: 0 });
        await channel.deleteQueue(queue);
        return;
      }
      const { code, text } = await refused(channel, declare);
      expect(code).toBe(406);
      expect(text).toBe(
        `PRECONDITION_FAILED - invalid arg '${Object.keys(args)[0]}' for queue '${queue}' in vhost '${broker.vhost}' of queue type rabbit_${type}_queue`,
      );
    });
  });

  test.each(refusedValues)("a %s queue refuses %s of %j: %s", async (type, name, value, reason) => {
    const channel = await broker.channel();
    const queue = broker.name(type);
    expect(
      await refused(channel, () =>
        channel.assertQueue(queue, { arguments: { "x-queue-type": type, [name]: value } }),
      ),
    ).toEqual({
      code: 406,
      text: `PRECONDITION_FAILED - invalid arg '${name}' for queue '${queue}' in vhost '${broker.vhost}': ${reason}`,
    });
  });

  test("a dead-letter exchange that is no text is refused in other words", async () => {
    const channel = await broker.channel();
    const queue = broker.name("queue");
    expect(
      await refused(channel, () =>
        channel.assertQueue(queue, { arguments: { "x-dead-letter-exchange": 5 } }),
      ),
    ).toEqual({
      code: 406,
      text: `PRECONDITION_FAILED - invalid type 'byte' for arg 'x-dead-letter-exchange' in queue '${queue}' in vhost '${broker.vhost}'`,
    });
  });

  test.each(["classic", "quorum", "stream"])(
    "a leader locator is legal on a %s queue, or so since 4.0",
    async (type) => {
      const channel = await broker.channel();
      const queue = broker.name(type);
      const declare = () =>
        channel.assertQueue(queue, {
          arguments: { "x-queue-type": type, "x-queue-leader-locator": "client-local" },
        });
      const legal = broker.byVersion({ "3.10": type !== "classic", "4.0": true });
      if (legal) expect(await declare()).toMatchObject({ queue });
      else
        expect(await refused(channel, declare)).toEqual({
          code: 406,
          text: `PRECONDITION_FAILED - invalid arg 'x-queue-leader-locator' for queue '${queue}' in vhost '${broker.vhost}' of queue type rabbit_classic_queue`,
        });
    },
  );

  describe.each(["quorum", "stream"])("a %s queue", (type) => {
    test.each(temporary)("cannot be declared with %j", async (options, property) => {
      const channel = await broker.channel();
      const queue = broker.name(type);
      expect(
        await refused(channel, () =>
          channel.assertQueue(queue, { ...options, arguments: { "x-queue-type": type } }),
        ),
      ).toEqual({
        code: 406,
        text: `PRECONDITION_FAILED - invalid property '${property}' for queue '${queue}' in vhost '${broker.vhost}'`,
      });
    });

    test("cannot be named by the server", async () => {
      const channel = await broker.channel();
      expect(
        await refused(channel, () => channel.assertQueue("", { arguments: { "x-queue-type": type } })),
      ).toEqual({
        code: 406,
        text: `PRECONDITION_FAILED - Cannot declare a server-named queue for type rabbit_${type}_queue`,
      });
    });
  });
});
