// A quorum queue loses its leader (two of three nodes are killed) and so silences the channel that publishes to it.
// Ends with an error unless: what waits behind it for a healthy queue is confirmed once the channel is renewed, what was
// for the leaderless queue settles by its deadline or is confirmed when the leader is back, and nothing confirmed is lost.
import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { connect } from "@warren/connection";
import { type Confirmation, PublishError } from "@warren/message";
import { startRabbitMqCluster } from "@warren/testing";
import { createPublisher } from "../src/publisher.ts";
import { drain } from "../src/faults/fault-run.test-support.ts";

const healthyCount = 100;
const version = process.argv[2] === "4" ? "4" : "installed";

await using cluster = await startRabbitMqCluster({ nodes: 3, version });
// A node that pauses in a minority would close its clients instead of leaving them in silence.
for (const node of cluster.nodes)
  await node.evalErlang("application:set_env(rabbit, cluster_partition_handling, ignore)");
const [survivor, ...others] = cluster.nodes;
assert.ok(survivor);
await using connection = await connect(survivor.url, { reconnect: { baseMs: 50, maxMs: 500 } });
const durable = { durable: true, exclusive: false, autoDelete: false };
await connection.channels.withChannel(async (channel) => {
  await channel.declareQueue("healthy", { ...durable, arguments: {} });
  await channel.declareQueue("leaderless", { ...durable, arguments: { "x-queue-type": "quorum" } });
});
// Younger than two seconds it may stay without a leader for good.
await setTimeout(2_500);
// It has never published to the quorum queue: RabbitMQ's channel waits for the leader at the first time only.
await using publisher = createPublisher(connection);
await publish("healthy", "0");
await Promise.all(others.map((node) => node.kill()));

async function publish(
  routingKey: string,
  messageId: string,
  confirmTimeoutMs = 60_000,
): Promise<Confirmation> {
  const publishing = { exchange: "", routingKey, messageId, body: Buffer.from("x") };
  try {
    return await publisher.publish(publishing, { confirmTimeoutMs });
  } catch (error) {
    if (error instanceof PublishError) return error.outcome;
    throw error;
  }
}

const impatient = publish("leaderless", "1001", 11_000);
const behind = Array.from({ length: healthyCount }, (_, at) => publish("healthy", `${at + 1}`));
const patient = publish("leaderless", "1002");
const settledEarly = await Promise.race([Promise.race(behind), setTimeout(10_000, "silence" as const)]);
assert.equal(settledEarly, "silence", "the queue without a leader did not silence the channel");

assert.deepEqual(
  { ...(await impatient), afterMs: 0 },
  { status: "timed-out", stored: "maybe", messageId: "1001", afterMs: 0 },
);
const confirmations = await Promise.all(behind);
for (const confirmation of confirmations)
  assert.ok(confirmation.status === "confirmed" && confirmation.attempts === 2, JSON.stringify(confirmation));

await Promise.all(others.map((node) => node.start()));
await cluster.waitUntilWhole();
const late = await patient;
assert.equal(late.status, "confirmed");
const stored = new Set([...(await drain(connection, "healthy")), ...(await drain(connection, "leaderless"))]);
const expected = [...Array.from({ length: healthyCount + 1 }, (_, at) => at), 1002];
assert.deepEqual(
  expected.filter((number) => !stored.has(number)),
  [],
);
console.log({
  version: survivor.version,
  impatient: (await impatient).status,
  healthy: { confirmed: confirmations.length, latencyMs: Math.round(latencyOf(confirmations.at(-1))) },
  patient: { status: late.status, latencyMs: Math.round(latencyOf(late)) },
  lost: 0,
});

function latencyOf(confirmation: Confirmation | undefined): number {
  return confirmation?.status === "confirmed" ? confirmation.latencyMs : Number.NaN;
}
