import { ConfigError } from "@warren/message";
import { expect, test } from "vitest";
import { connect } from "../connect.ts";
import { Connection } from "../connection.ts";
import { resolveConnectOptions } from "../connect-options.ts";
import { countMessages } from "./count-messages.ts";
import { deleteTopology } from "./delete-topology.ts";

const raw = { exchanges: {}, queues: {} } as never;

test.each([
  ["connect", () => connect("amqp://127.0.0.1:1", { topology: raw })],
  ["declare", (connection: Connection) => connection.declare(raw)],
  ["check", (connection: Connection) => connection.check(raw)],
  ["plan", (connection: Connection) => connection.plan(raw)],
  ["deleteTopology", (connection: Connection) => deleteTopology(connection, raw)],
])("%s refuses a definition that defineTopology has not seen, before it connects", async (what, use) => {
  await using connection = new Connection(resolveConnectOptions("amqp://127.0.0.1:1"));
  const error: unknown = await use(connection).catch((refusal: unknown) => refusal);
  expect(error).toBeInstanceOf(ConfigError);
  expect(String(error)).toContain(`${what}: topology must be what defineTopology`);
  expect(connection.channels.sockets).toEqual([]);
});

test("countMessages takes a queue of a topology, not its name", async () => {
  await using connection = new Connection(resolveConnectOptions("amqp://127.0.0.1:1"));
  await expect(countMessages(connection, "orders" as never)).rejects.toThrow(
    'queue must be one of a topology, as in topology.queues.orders, not "orders"',
  );
});
