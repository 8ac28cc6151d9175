import amqplib from "amqplib";
import { describe, expect, test } from "vitest";
import { describeRabbitMq } from "../../vitest/describe-rabbitmq.ts";
import { startEmbeddedBroker } from "../start-embedded-broker.ts";
import { type Ask, asking } from "./api-client.test-support.ts";
import { dialogueTests } from "./dialogue.suite.test-support.ts";

const options = {
  version: "installed",
  plugins: ["management"],
  config: ["collect_statistics_interval = 500"],
} as const;

/** Names, addresses and times, which are each broker's own. */
const own = new Set([
  "connected_at",
  "consumer_capacity",
  "consumer_utilisation",
  "name",
  "node",
  "leader",
  "members",
  "online",
  "port",
  "peer_port",
  "connection_name",
  "cluster_name",
  "cluster_state",
  "password_hash",
  "properties_key",
  "uptime",
  "erlang_version",
  "erlang_full_version",
  "listeners",
  "contexts",
  "rate",
  "readers",
  "object_totals",
  "exchange_types",
  "consumer_tag",
]);

/** What of the one is not in the other: paths of fields whose value, or for those of each broker's own whose type, differs. */
function differences(here: unknown, there: unknown, path = ""): readonly string[] {
  const name = path.split(".").at(-1)!;
  if (own.has(name)) return typeof here === typeof there ? [] : [`${path} is a ${typeof here}`];
  if (Array.isArray(here) && Array.isArray(there))
    return here.length === there.length
      ? here.flatMap((each, index) => differences(each, there[index], `${path}.${index}`))
      : [`${path} has ${here.length} items and not ${there.length}`];
  if (typeof here === "object" && here !== null && typeof there === "object" && there !== null)
    return Object.entries(here).flatMap(([key, value]) =>
      key in there
        ? differences(value, (there as Record<string, unknown>)[key], `${path}.${key}`)
        : [`${path}.${key} is not there`],
    );
  return here === there ? [] : [`${path} is ${JSON.stringify(here)} and not ${JSON.stringify(there)}`];
}

/** The same on every broker: three kinds of queues with messages, bindings, and a consumer that holds one. */
async function furnish(url: string): Promise<AsyncDisposable> {
  const client = await amqplib.connect(url);
  const channel = await client.createConfirmChannel();
  await channel.assertExchange("orders", "topic", { alternateExchange: "amq.fanout" });
  await channel.assertExchange("inner", "headers", { internal: true, autoDelete: true });
  await channel.bindExchange("inner", "orders", "e");
  await channel.assertQueue("c", { arguments: { "x-message-ttl": 60_000 }, deadLetterExchange: "dlx" });
  await channel.assertQueue("q", { arguments: { "x-queue-type": "quorum" } });
  await channel.assertQueue("s", { arguments: { "x-queue-type": "stream" } });
  await channel.assertQueue("x", { exclusive: true, autoDelete: true });
  await channel.bindQueue("c", "orders", "order.#", { a: 1, b: "x" });
  for (const queue of ["c", "c", "q", "q", "s"]) channel.sendToQueue(queue, Buffer.from("m"));
  await channel.waitForConfirms();
  const consuming = await client.createChannel();
  await consuming.prefetch(1);
  await consuming.consume("c", () => undefined, { consumerTag: "tag", arguments: { "x-priority": 5 } });
  return { [Symbol.asyncDispose]: () => client.close() };
}

/** RabbitMQ counts now and then. */
async function counted(ask: Ask): Promise<void> {
  const isCounted = async (): Promise<boolean> => {
    const { body } = await ask("GET", "queues?sort=name");
    const queues = body as { messages_ready?: number; messages_unacknowledged?: number }[];
    const sums = queues.map((each) => `${each.messages_ready}+${each.messages_unacknowledged}`).join();
    return sums === "1+1,2+0,1+0,0+0";
  };
  while (!(await isCounted())) await new Promise((resolve) => setTimeout(resolve, 100));
  const isConsuming = async (): Promise<boolean> => {
    const { body } = await ask("GET", "channels?sort=number");
    const channels = body as { consumer_count?: number; messages_unacknowledged?: number }[];
    return channels[1]?.consumer_count === 1 && channels[1].messages_unacknowledged === 1;
  };
  while (!(await isConsuming())) await new Promise((resolve) => setTimeout(resolve, 100));
}

describeRabbitMq("RabbitMQ", options, (node) => {
  describe("answers as the embedded broker does", () => {
    dialogueTests(() => node().managementUrl!);
  });

  test("shows every field that the embedded broker shows, with the same value", async () => {
    await using embedded = await startEmbeddedBroker({ management: true });
    await using _mine = await furnish(embedded.url);
    await using _theirs = await furnish(node().url);
    const [here, there] = [asking(embedded.management!.url), asking(node().managementUrl!)];
    await counted(there);
    await counted(here);
    const paths = [
      "overview",
      "vhosts/%2F",
      "queues/%2F?sort=name",
      ...["c", "q", "s", "x"].map((name) => `queues/%2F/${name}`),
      "exchanges/%2F?sort=name",
      "exchanges/%2F/orders",
      "bindings/%2F?sort=destination",
      "consumers",
      "connections",
      "channels?sort=number",
      "users/guest",
      "permissions/%2F/guest",
      "definitions/%2F",
      "nodes",
    ];
    for (const path of paths) {
      const [mine, theirs] = [(await here("GET", path)).body, (await there("GET", path)).body];
      expect.soft(differences(sorted(mine), sorted(theirs)), path).toEqual([]);
    }
  });
});

/** RabbitMQ's definitions come in no order. */
function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("queues" in value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, items]) => [key, Array.isArray(items) ? items.toSorted(byText) : items]),
  );
}

function byText(one: unknown, other: unknown): number {
  return JSON.stringify(one) < JSON.stringify(other) ? -1 : 1;
}
