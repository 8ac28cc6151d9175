import { strict as assert } from "node:assert";
import { once } from "node:events";
import amqplib from "amqplib";
import { startRabbitMqContainer } from "../src/docker/rabbitmq-container.ts";

const begun = performance.now();
const broker = await startRabbitMqContainer();
console.log(`started: RabbitMQ ${broker.version} in ${Math.round(performance.now() - begun)} ms`);
assert.match(broker.version, /^4\./);

await broker.addUser({ name: "prover", password: "secret", tags: ["administrator"] });
await broker.addVhost("proof", ["prover"]);
const url = new URL(broker.url);
url.username = "prover";
url.password = "secret";
url.pathname = "/proof";
const connection = await amqplib.connect(url.href);
connection.on("error", () => undefined);
const channel = await connection.createConfirmChannel();
await channel.assertQueue("proof", { durable: true, arguments: { "x-queue-type": "quorum" } });
for (let index = 0; index < 100; index += 1)
  channel.sendToQueue("proof", Buffer.from(String(index)), { persistent: true });
await channel.waitForConfirms();
assert.equal((await channel.checkQueue("proof")).messageCount, 100);
console.log("100 messages confirmed and counted on a quorum queue");

const blocked = once(connection, "blocked");
await broker.memoryAlarm(true);
channel.publish("", "proof", Buffer.from("one more"));
await blocked;
const unblocked = once(connection, "unblocked");
await broker.memoryAlarm(false);
await unblocked;
console.log("memory alarm: blocked and unblocked");

const overview = await fetch(`${new URL(broker.managementUrl).origin}/api/overview`, {
  headers: { authorization: `Basic ${Buffer.from("prover:secret").toString("base64")}` },
});
assert.equal(overview.status, 200);
console.log("management API: 200");

await connection.close();
await broker.close();
console.log("closed");
