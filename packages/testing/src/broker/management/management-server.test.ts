import { once } from "node:events";
import { networkInterfaces } from "node:os";
import { connect } from "node:net";
import amqplib from "amqplib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { EmbeddedBroker } from "../embedded-broker.ts";
import { startEmbeddedBroker } from "../start-embedded-broker.ts";
import { type Ask, asking } from "./api-client.test-support.ts";

let broker: EmbeddedBroker;
beforeEach(async () => {
  broker = await startEmbeddedBroker({
    management: true,
    vhosts: ["team", "other"],
    users: {
      guest: { password: "guest" },
      lead: { password: "lead", tags: ["management"], vhosts: ["team"] },
      worker: { password: "worker", tags: [] },
    },
  });
});
afterEach(() => broker.close());

function as(login: string): Ask {
  return asking(broker.management!.url.replace("guest:guest", login));
}

test("a broker that was not asked for it has no management API", async () => {
  await using plain = await startEmbeddedBroker();
  expect(plain.management).toBeUndefined();
});

test("a port of one's own is taken, and freed again", async () => {
  const { port } = broker.management!;
  await expect(startEmbeddedBroker({ management: { port } })).rejects.toMatchObject({ code: "EADDRINUSE" });
  await broker.close();
  await using next = await startEmbeddedBroker({ management: { port } });
  expect(next.management).toEqual({ port, url: `http://guest:guest@127.0.0.1:${port}` });
});

test("a port that cannot be is refused", async () => {
  await expect(startEmbeddedBroker({ management: { port: 70_000 } })).rejects.toThrow(
    "management.port 70000 is not between 0 and 65535",
  );
});

const addresses = Object.values(networkInterfaces())
  .flat()
  .flatMap((each) => (each?.family === "IPv4" && !each.internal ? [each.address] : []));

test.skipIf(addresses.length === 0)(
  "it listens on the loopback interface only, wherever the broker does",
  async () => {
    await using open = await startEmbeddedBroker({
      host: "0.0.0.0",
      users: { app: { password: "s3cret" } },
      management: true,
    });
    const socket = connect(open.management!.port, addresses[0]);
    const [error] = await once(socket, "error");
    expect(error).toMatchObject({ code: "ECONNREFUSED" });
  },
);

describe("whoever asks", () => {
  const loginFailed = { error: "not_authorized", reason: "Login failed" };

  test("has to say who it is", async () => {
    const { status, body, headers } = await as(":")("GET", "overview");
    expect([status, body]).toEqual([401, undefined]);
    expect(headers.get("www-authenticate")).toBe('Basic realm="RabbitMQ Management"');
  });

  test.each(["guest:wrong", "guest:", "nobody:guest", "guest"])("is refused as %s", async (login) => {
    const answered = await as(login)("GET", "overview");
    expect(answered).toMatchObject({ status: 401, body: loginFailed });
    expect(answered.headers.has("www-authenticate")).toBe(true);
  });

  test("needs a tag", async () => {
    const answered = await as("worker:worker")("GET", "overview");
    expect(answered).toMatchObject({
      status: 401,
      body: { error: "not_authorised", reason: "Not management user" },
    });
    expect(answered.headers.has("www-authenticate")).toBe(false);
  });

  test.each(["GET users", "GET definitions", "PUT vhosts/new", "DELETE vhosts/team", "GET permissions"])(
    "has to be an administrator for %s",
    async (request) => {
      const [method = "", path = ""] = request.split(" ");
      const answered = await as("lead:lead")(method, path);
      expect(answered).toMatchObject({
        status: 401,
        body: { error: "not_authorised", reason: "Not administrator user" },
      });
    },
  );

  test("sees the virtual hosts that it may enter", async () => {
    const ask = as("lead:lead");
    const guest = as("guest:guest");
    await guest("PUT", "queues/team/q", {});
    await guest("PUT", "queues/other/q", {});
    expect((await ask("GET", "vhosts?columns=name")).body).toEqual([{ name: "team" }]);
    expect((await ask("GET", "queues?columns=vhost")).body).toEqual([{ vhost: "team" }]);
    expect(await ask("GET", "queues/other")).toMatchObject({
      status: 401,
      body: { reason: "User not authorised to access virtual host" },
    });
  });
});

test("what the permissions of a user do not allow is refused as on AMQP", async () => {
  const guest = as("guest:guest");
  await guest("PUT", "permissions/team/lead", { configure: "^mine", write: "", read: "" });
  const ask = as("lead:lead");
  expect((await ask("PUT", "queues/team/mine", {})).status).toBe(201);
  const refused = { error: "not_authorised", reason: "Access refused." };
  const message = { properties: {}, routing_key: "mine", payload: "x", payload_encoding: "string" };
  const get = { count: 1, ackmode: "ack_requeue_false", encoding: "auto" };
  for (const [method, path, body] of [
    ["PUT", "queues/team/yours", {}],
    ["PUT", "exchanges/team/yours", {}],
    ["POST", "exchanges/team/amq.default/publish", message],
    ["POST", "queues/team/mine/get", get],
    ["POST", "bindings/team/e/amq.topic/q/mine", {}],
    ["DELETE", "queues/team/mine/contents", undefined],
  ] as const)
    expect(await ask(method, path, body), path).toMatchObject({ status: 401, body: refused });
  expect((await ask("DELETE", "queues/team/mine")).status).toBe(204);
});

test.each([
  ["GET", "queues/%zz", undefined, 400],
  ["PUT", "queues/%2F/q", "x".repeat(20_000_001), 413],
  ["GET", "queues?page=2", undefined, 400],
  ["GET", "queues?page=x", undefined, 400],
  ["POST", "queues/%2F/q/get", { count: 1, ackmode: "nope", encoding: "auto" }, 400],
  ["PUT", "queues/%2F/q", { arguments: 7 }, 400],
])("%s %s is refused", async (method, path, body, status) => {
  expect((await as("guest:guest")(method, path, body)).status).toBe(status);
});

test("a user who was added by HTTP can connect, and not once it is gone", async () => {
  const ask = as("guest:guest");
  await ask("PUT", "users/new", { password: "n", tags: "" });
  const url = broker.url.replace("guest:guest", "new:n");
  await expect(amqplib.connect(url)).rejects.toThrow("got <ConnectionClose channel:0>");
  await ask("PUT", "permissions/%2F/new", { configure: ".*", write: ".*", read: ".*" });
  const connection = await amqplib.connect(url);
  await connection.close();
  await ask("DELETE", "users/new");
  await expect(amqplib.connect(url)).rejects.toThrow("403");
});

test("a broker's definitions make another one the same, users with their passwords included", async () => {
  const ask = as("guest:guest");
  await ask("PUT", "users/app", { password: "s3cret", tags: "management" });
  await ask("PUT", "permissions/team/app", { configure: ".*", write: ".*", read: ".*" });
  await ask("PUT", "exchanges/team/orders", { type: "topic", durable: true });
  await ask("PUT", "queues/team/q", { durable: true, arguments: { "x-max-length": 3 } });
  await ask("POST", "bindings/team/e/orders/q/q", { routing_key: "order.#", arguments: { a: [1, "x"] } });
  const { body: definitions } = await ask("GET", "definitions");
  await using other = await startEmbeddedBroker({ management: true });
  const there = asking(other.management!.url);
  for (const _ of [1, 2]) expect((await there("POST", "definitions", definitions)).status).toBe(204);
  expect((await there("GET", "definitions")).body).toEqual(definitions);
  const connection = await amqplib.connect(`${other.url.replace("guest:guest", "app:s3cret")}/team`);
  await connection.close();
});

test("a connection can be closed", async () => {
  const connection = await amqplib.connect(broker.url);
  connection.on("error", () => undefined);
  const closed = new Promise<Error>((resolve) => {
    connection.on("close", resolve);
  });
  const ask = as("guest:guest");
  const name = encodeURIComponent(broker.connections[0]!.name);
  expect((await ask("GET", `connections/${name}`)).body).toMatchObject({ state: "running", user: "guest" });
  expect((await ask("DELETE", `connections/${name}`)).status).toBe(204);
  expect((await closed).message).toContain("CONNECTION_FORCED - Closed via management plugin");
  expect((await ask("GET", "connections")).body).toEqual([]);
});

test("a connection that an alarm blocks is shown as blocked", async () => {
  using blocked = broker.faults.blockPublishers();
  const connection = await amqplib.connect(broker.url);
  const channel = await connection.createChannel();
  channel.sendToQueue("nobody", Buffer.from("x"));
  await blocked.struckTimes(1);
  const { body } = await as("guest:guest")("GET", "connections?columns=state");
  expect(body).toEqual([{ state: "blocked" }]);
  blocked.remove();
  await connection.close();
});

test("bindings that differ in their arguments alone are told apart", async () => {
  const ask = as("guest:guest");
  await ask("PUT", "queues/%2F/q", {});
  const path = "bindings/%2F/e/amq.headers/q/q";
  for (const n of [1, 2]) await ask("POST", path, { routing_key: "k", arguments: { n } });
  const { body } = await ask("GET", path);
  const [first, second] = body as { properties_key: string; arguments: unknown }[];
  expect(first!.properties_key).toMatch(/^k~[\w-]{6}$/);
  expect(second!.properties_key).not.toBe(first!.properties_key);
  expect((await ask("DELETE", `${path}/${encodeURIComponent(first!.properties_key)}`)).status).toBe(204);
  expect((await ask("GET", path)).body).toEqual([second]);
});
