import {
  connect,
  type Connection,
  countMessages,
  defineTopology,
  deleteTopology,
  type Topology,
} from "@warren/connection";
import type { PublishError } from "@warren/message";
import { createPublisher } from "@warren/publisher";
import { type RabbitMqNode, startRabbitMq } from "@warren/testing";
import { testOnRabbitMq } from "@warren/testing/vitest";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from "vitest";
import { take } from "../../guarantees/scene.ts";
import { Seen } from "../../guarantees/seen.ts";
import { TotalQueue } from "../checkers/total-queue.ts";

const test = await testOnRabbitMq();
const name = "configured";
let node: RabbitMqNode;
let connection: Connection;

beforeAll(async () => {
  node = await startRabbitMq({ plugins: ["management"] });
});
beforeEach(async () => {
  connection = await connect(node.url);
});
afterEach(() => connection.close());
afterAll(() => node.close());

/** Declares it for as long as the value is in scope. */
async function declared(topology: Topology): Promise<AsyncDisposable> {
  await connection.declare(topology);
  return { [Symbol.asyncDispose]: () => deleteTopology(connection, topology) };
}

/** Publishes so many to the queue; the codes of those that failed. */
async function publish(ledger: TotalQueue, count: number, expirationMs?: number): Promise<readonly string[]> {
  await using publisher = createPublisher(connection);
  const codes: string[] = [];
  for (let index = 0; index < count; index++) {
    const id = `${index}`;
    ledger.attempt(id);
    await publisher
      .publish({
        exchange: "",
        routingKey: name,
        messageId: id,
        body: Buffer.from(id),
        ...(expirationMs !== undefined && { expirationMs }),
      })
      .then(
        () => ledger.confirm(id),
        (error: PublishError) => codes.push(error.code),
      );
  }
  return codes;
}

async function drain(ledger: TotalQueue, queue: string, count: number): Promise<void> {
  for (const { messageId } of await take(connection, queue, count)) ledger.end(messageId!);
  ledger.drained();
}

describe("what vanishes by configuration", () => {
  test("[B22] nothing does at the length limit of a queue: what finds no room is nacked", async () => {
    await using _queue = await declared(
      defineTopology({ queues: { [name]: { retry: false, maxLength: 5 } } }),
    );
    const ledger = new TotalQueue();
    const codes = await publish(ledger, 10);
    expect(codes.length).toBeGreaterThan(0);
    expect(new Set(codes)).toEqual(new Set(["PUBLISH_NACKED"]));
    await drain(ledger, name, 10 - codes.length);
    expect(ledger.problems()).toEqual([]);
  });

  test("[B22] nothing does when messages expire: they are among the dead letters", async () => {
    await using _queue = await declared(defineTopology({ queues: { [name]: {} } }));
    const ledger = new TotalQueue();
    expect(await publish(ledger, 10, 1)).toEqual([]);
    await drain(ledger, `${name}.dead`, 10);
    expect(ledger.problems()).toEqual([]);
  });

  test("[B22] where drop-head and no dead letters are asked for it does, and the topology has warned", async () => {
    const topology = defineTopology({
      queues: { [name]: { retry: false, deadLetter: false, overflow: "drop-head", maxLength: 5 } },
    });
    expect(topology.warnings.map(({ text }) => text).join()).toContain(
      "without deadLetter a message is dropped",
    );
    await using _queue = await declared(topology);
    const ledger = new TotalQueue();
    expect(await publish(ledger, 10)).toEqual([]);
    await drain(ledger, name, 5);
    expect(ledger.audit().lost).toEqual(["0", "1", "2", "3", "4"]);
  });
});

/** Takes the one message that is there and gives it back, until the broker has it no more or `times` are over. */
async function rejectAgainAndAgain(times: number): Promise<number> {
  const deliveries = new Seen<boolean>();
  const raw = connection.channels.consume({
    queue: name,
    prefetch: 1,
    delivered: ({ fields }, generation) => {
      deliveries.add(true);
      if (deliveries.items.length <= times) raw.reject(generation, fields.deliveryTag, true);
    },
  });
  await deliveries.until(times);
  await expect
    .poll(
      async () => (await connection.channels.withChannel((channel) => channel.checkQueue(name))).messageCount,
    )
    .toBe(0);
  await raw.close();
  return deliveries.items.length;
}

describe("the delivery limit", () => {
  test("[B30] drops a message where there are no dead letters, and the topology has warned", async () => {
    const topology = defineTopology({
      queues: { [name]: { retry: false, deadLetter: false, deliveryLimit: 2 } },
    });
    expect(topology.warnings.map(({ text }) => text).join()).toContain("dropped after its last attempt");
    await using _queue = await declared(topology);
    const ledger = new TotalQueue();
    await publish(ledger, 1);
    expect(await rejectAgainAndAgain(3)).toBe(3);
    ledger.drained();
    expect(ledger.problems()).toEqual(["0 was confirmed and is lost"]);
  });

  test("[B30] gives it to the dead letters by default, whatever the broker's own limit is", async () => {
    await using _queue = await declared(defineTopology({ queues: { [name]: { retry: false } } }));
    const ledger = new TotalQueue();
    await publish(ledger, 1);
    expect(await rejectAgainAndAgain(21)).toBe(21);
    await drain(ledger, `${name}.dead`, 1);
    expect(ledger.problems()).toEqual([]);
  });
});

test("[B32] a policy that is set under way is found when the topology is held against the broker, and drops nothing", async () => {
  const topology = defineTopology({ queues: { [name]: { retry: false } } });
  await using _queue = await declared(topology);
  const management = { url: node.managementUrl! };
  await node.ctl("set_policy", "tight", `^${name}$`, `{"max-length": 3}`, "--apply-to", "queues");
  await expect
    .poll(async () => (await connection.plan(topology, management)).warnings, { timeout: 15_000 })
    .toContainEqual({ path: `queues.${name}`, text: 'the policy "tight" applies to it: max-length 3' });
  const ledger = new TotalQueue();
  const codes = await publish(ledger, 10);
  expect(new Set(codes)).toEqual(new Set(["PUBLISH_NACKED"]));
  await drain(ledger, name, 10 - codes.length);
  expect(ledger.problems()).toEqual([]);
  await node.ctl("clear_policy", "tight");
  const { queue, dead } = await countMessages(connection, topology.queues[name]);
  expect({ queue, dead }).toEqual({ queue: 0, dead: 0 });
});
