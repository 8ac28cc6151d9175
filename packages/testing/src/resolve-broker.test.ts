import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { readEnvironment } from "./environment.ts";
import { brokerSources, resolveBroker } from "./resolve-broker.ts";

test("the embedded broker is taken at once where it is asked for, whatever else there is", async () => {
  const environment = readEnvironment({ WARREN_BROKER: "embedded", AMQP_URL: "amqp://nobody.invalid" });
  await using found = await resolveBroker(environment);
  expect(found).toMatchObject({ source: "embedded", version: "3.10.8" });
  expect(found.control).toBe(undefined);
  const socket = connect(Number(new URL(found.url).port), "127.0.0.1");
  await once(socket, "connect");
  socket.destroy();
});

test("it is like the RabbitMQ that is asked for", async () => {
  await using found = await resolveBroker(
    readEnvironment({ WARREN_BROKER: "embedded", WARREN_RABBITMQ: "4" }),
  );
  expect(found.version).toBe("4.0.5");
});

test.each([
  [{}, ["private node", "container", "embedded"]],
  [{ WARREN_REQUIRE_REAL: "1" }, ["private node", "container"]],
  [{ WARREN_BROKER: "real" }, ["private node", "container"]],
  [{ AMQP_URL: "amqp://localhost" }, ["AMQP_URL"]],
  [{ WARREN_BROKER: "real", AMQP_URL: "amqp://localhost" }, ["AMQP_URL"]],
  [{ WARREN_BROKER: "embedded", AMQP_URL: "amqp://localhost" }, ["embedded"]],
])("with %j it comes from %j", (variables, sources) => {
  expect(brokerSources(readEnvironment(variables))).toEqual(sources);
});
