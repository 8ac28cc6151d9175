import amqplib from "amqplib";
import { expect, test } from "vitest";
import { ManualClock } from "../broker/manual-clock.ts";
import { useBroker } from "./use-broker.ts";
import { useWatchedBroker } from "./use-watched-broker.ts";

const plain = useBroker({ broker: "embedded", embedded: { version: "4.0" } });
const broker = useWatchedBroker({ broker: "embedded", skipWaits: true });

test("a test file has an embedded broker of its own, without any set-up", async () => {
  expect(plain).toMatchObject({ kind: "embedded", vhost: "/", version: "4.0.5" });
  expect(broker).toMatchObject({ kind: "embedded", vhost: "/", version: "3.10.8" });
  const connection = await amqplib.connect(plain.url);
  expect(plain.embedded.connections).toHaveLength(1);
  await connection.close();
  expect(() => plain.control).toThrow("rabbitmqctl does not know");
});

test("an hour's wait for the next attempt takes no time where waits are skipped", async () => {
  const connection = await amqplib.connect(broker.url);
  connection.on("error", () => undefined);
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue("work", { deadLetterExchange: "", deadLetterRoutingKey: "wait" });
  await channel.assertQueue("wait", {
    messageTtl: 3_600_000,
    deadLetterExchange: "",
    deadLetterRoutingKey: "work",
  });
  let attempts = 0;
  await channel.consume("work", (message) => {
    if (++attempts < 4) channel.reject(message!, false);
    else channel.ack(message!);
  });
  channel.sendToQueue("work", Buffer.from("o-1"), { type: "order" });
  await channel.waitForConfirms();
  // A spy moves the clock as well as settled() does.
  await expect(broker.deadLettered({ type: "order" }, { times: 2 })).resolves.toHaveLength(2);
  await broker.settled();
  expect(attempts).toBe(4);
  expect(await broker.seen("handled", { type: "order" })).toHaveLength(1);
  await connection.close();
});

test("what the test before has seen is forgotten", async () => {
  expect(await broker.seen("handled", { type: "order" })).toEqual([]);
});

test("a clock that skipWaits would replace is refused", () => {
  expect(() => useWatchedBroker({ skipWaits: true, embedded: { clock: new ManualClock() } })).toThrow(
    "skipWaits moves a clock of its own and would replace embedded.clock. Leave skipWaits out",
  );
});
