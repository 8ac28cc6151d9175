import { connect } from "@warren/connection";
import { diagnostics, type DiagnosticsEvents } from "@warren/message";
import { createPublisher } from "@warren/publisher";
import { type EmbeddedBroker, startEmbeddedBroker } from "@warren/testing/broker";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Scene } from "../../guarantees/scene.ts";
import { recorded } from "../../guarantees/seen.ts";

const reconnect = { baseMs: 1, maxMs: 5 };
let broker: EmbeddedBroker;

beforeEach(async () => {
  broker = await startEmbeddedBroker();
});
afterEach(() => broker.close());

test("a broker that refuses the first connections is tried again until it takes one", async () => {
  using failed = recorded<DiagnosticsEvents["connectFailed"]>(diagnostics.connectFailed);
  broker.faults.refuseConnections({ times: 3 });
  await using connection = await connect(broker.url, { reconnect });
  expect(connection.state.kind).toBe("open");
  expect(failed.items.length).toBeGreaterThan(0);
});

test("a login that is refused is told as what it is", async () => {
  broker.faults.refuseLogins();
  await expect(connect(broker.url, { reconnect, startupTimeoutMs: 100 })).rejects.toMatchObject({
    code: "ACCESS_REFUSED",
  });
});

test("a connection that is lost while logins are refused comes back when they are not", async () => {
  const scene = new Scene(broker.url);
  await using connection = await connect(broker.url, { topology: scene.topology, reconnect });
  await using publisher = createPublisher(connection);
  using refused = broker.faults.refuseLogins();
  broker.faults.cutConnections();
  const published = publisher.publish(scene.Order, { id: "1" });
  await refused.struckTimes(3);
  refused.remove();
  await expect(published).resolves.toMatchObject({ status: "confirmed" });
});

test("a broker that takes connections and says nothing is given up at the deadline of an attempt", async () => {
  using failed = recorded<DiagnosticsEvents["connectFailed"]>(diagnostics.connectFailed);
  using frozen = broker.faults.freeze();
  const connecting = connect(broker.url, { reconnect, connectTimeoutMs: 50 });
  await failed.until(2);
  expect(frozen.struckCount).toBeGreaterThanOrEqual(2);
  frozen.remove();
  await using connection = await connecting;
  expect(connection.state.kind).toBe("open");
});

test("a broker that falls silent is found out by its missing heartbeats, and what was published comes through", async () => {
  const scene = new Scene(broker.url);
  await using connection = await connect(broker.url, {
    topology: scene.topology,
    reconnect,
    heartbeatSeconds: 1,
    connectTimeoutMs: 200,
  });
  await using publisher = createPublisher(connection);
  await publisher.publish(scene.Order, { id: "1" });
  using frozen = broker.faults.freeze();
  const published = publisher.publish(scene.Order, { id: "2" });
  for await (const { to } of connection.status()) if (to === "reconnecting") break;
  frozen.remove();
  await expect(published).resolves.toMatchObject({ status: "confirmed" });
});
