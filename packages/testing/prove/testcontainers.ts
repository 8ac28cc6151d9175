import { strict as assert } from "node:assert";
import { once } from "node:events";
import amqplib from "amqplib";
import { startPostgresContainer } from "../src/docker/postgres-container.ts";
import { startRabbitMqContainer } from "../src/docker/rabbitmq-container.ts";
import { runCommand } from "../src/run-command.ts";
import { findPostgres } from "../src/postgres/installed.ts";

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

const databaseBegun = performance.now();
const database = await startPostgresContainer({ settings: { wal_level: "logical" } });
console.log(`started: PostgreSQL in ${Math.round(performance.now() - databaseBegun)} ms`);
const psql = [
  `${await findPostgres()}/psql`,
  "-tAc",
  "show server_version; show wal_level",
  database.url,
] as const;
const [version = "", walLevel] = (await runCommand(psql)).split("\n");
assert.match(version, /^17\./);
assert.equal(walLevel, "logical");
console.log(`PostgreSQL ${version} takes connections, wal_level = ${walLevel}`);
await database.close();
await assert.rejects(runCommand(psql));
console.log("closed");
