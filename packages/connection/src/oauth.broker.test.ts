import { createSign, generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { diagnostics } from "@warren/message";
import { type FaultProxy, type RabbitMqNode, startRabbitMq } from "@warren/testing";
import { testOnRabbitMq } from "@warren/testing/vitest";
import { afterAll, beforeAll, expect, vi } from "vitest";
import { connect } from "./connect.ts";
import { becomes, next, proxyTo, recorded } from "./connection.test-support.ts";
import type { Credentials } from "./socket/login.ts";

const test = await testOnRabbitMq();
const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const classic = { durable: true, exclusive: false, autoDelete: false, arguments: {} };
const reconnect = { baseMs: 10, maxMs: 100 };
let folder: string;
let node: RabbitMqNode;
let proxy: FaultProxy;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "warren-oauth-"));
  const keyFile = join(folder, "key.pem");
  await writeFile(keyFile, publicKey.export({ type: "spki", format: "pem" }));
  node = await startRabbitMq({
    plugins: ["auth_backend_oauth2"],
    config: [
      "auth_backends.1 = internal",
      "auth_backends.2 = rabbit_auth_backend_oauth2",
      "auth_oauth2.resource_server_id = rabbitmq",
      "auth_oauth2.default_key = test",
      `auth_oauth2.signing_keys.test = ${keyFile}`,
    ],
  });
  proxy = await proxyTo(node.url);
});
afterAll(async () => {
  await proxy.close();
  await node.close();
  await rm(folder, { recursive: true });
});

/** A signed JWT, good for so many seconds. */
function issue(
  lifeSeconds: number,
  rights = ["configure", "write", "read"],
): { readonly token: string; readonly expiresAt: Date } {
  const exp = Math.floor(Date.now() / 1000) + lifeSeconds;
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const head = part({ alg: "RS256", typ: "JWT", kid: "test" });
  const scope = rights.map((right) => `rabbitmq.${right}:*/*`);
  const unsigned = `${head}.${part({ aud: ["rabbitmq"], sub: "warren", client_id: "warren", scope, exp })}`;
  const signature = createSign("RSA-SHA256").update(unsigned).sign(privateKey, "base64url");
  return { token: `${unsigned}.${signature}`, expiresAt: new Date(exp * 1000) };
}

function url(): string {
  return `amqp://127.0.0.1:${proxy.port}`;
}

test("[B34] a token is refreshed with update-secret before it ends, and the connection outlives it", async () => {
  let issued = 0;
  const credentials = (): Promise<Credentials> => {
    issued++;
    return Promise.resolve(issue(3));
  };
  using states = recorded<{ to: string }>(diagnostics.connectionState);
  using frames = proxy.frames();
  await using connection = await connect(url(), { credentials, reconnect });
  await frames.passed(3, "connection.update-secret-ok");
  expect(issued).toBe(4);
  await connection.channels.withChannel((channel) => channel.checkExchange("amq.fanout"));
  expect(states.events.map(({ to }) => to)).toEqual(["open"]);
  expect(inspect(connection, { depth: 20, showHidden: true, getters: true })).not.toContain("eyJ");
});

test("[B34] the connection that follows a lost one is given fresh tokens, too", async () => {
  using frames = proxy.frames();
  await using connection = await connect(url(), { credentials: () => issue(3), reconnect });
  const lost = next(connection, "reconnecting");
  proxy.reset();
  await lost;
  await becomes(connection, "open");
  await frames.passed(2, "connection.update-secret-ok");
  expect(proxy.connections).toHaveLength(1);
}, 20_000);

test("a token without an end is renewed by updateSecret, on both sockets", async () => {
  using frames = proxy.frames();
  await using connection = await connect(url(), { credentials: { token: issue(60).token }, reconnect });
  await connection.channels
    .confirm()
    .publish({ exchange: "amq.fanout", routingKey: "", body: Buffer.from("x") });
  await connection.updateSecret(issue(120).token);
  await frames.passed(2, "connection.update-secret-ok");
  expect(proxy.connections).toHaveLength(2);
});

test.each([
  ["fails", "CREDENTIALS_FAILED", () => Promise.reject(new Error("the token service is down"))],
  ["never ends", "RPC_TIMEOUT", () => new Promise<never>(() => undefined)],
])("a renewal that %s is told and tried again, and the connection stays", async (_how, code, renewal) => {
  using failed = recorded<{ error: { code: string } }>(diagnostics.connectFailed);
  using states = recorded<{ to: string }>(diagnostics.connectionState);
  using frames = proxy.frames();
  let issued = 0;
  const credentials = (): Credentials | Promise<Credentials> => {
    if (++issued === 2) return renewal();
    return issue(issued === 1 ? 2 : 60);
  };
  await using connection = await connect(url(), { credentials, reconnect, connectTimeoutMs: 1_000 });
  await frames.passed(1, "connection.update-secret-ok");
  expect(failed.events.map(({ error }) => error.code)).toEqual([code]);
  expect(states.events.map(({ to }) => to)).toEqual(["open"]);
  await connection.channels.withChannel((channel) => channel.checkExchange("amq.fanout"));
});

test.each([
  ["and the broker says why", "ended"],
  ["and the broker's text is cut before the reason", "ended-".padEnd(250, "x")],
])("what is refused because the token has ended, %s, works with the next one", async (_how, queue) => {
  await using admin = await connect(node.url);
  await admin.channels.withChannel((channel) => channel.declareQueue(queue, classic));
  let renew = (_token: Credentials): void => undefined;
  let issued = 0;
  const credentials = (): Credentials | Promise<Credentials> =>
    ++issued === 1 ? issue(2) : new Promise((resolve) => (renew = resolve));
  await using connection = await connect(url(), { credentials, reconnect });
  const heard: string[] = [];
  let told = (): void => undefined;
  const next = (): Promise<void> => new Promise((resolve) => (told = resolve));
  const up = next();
  connection.channels.consume({
    queue,
    prefetch: 1,
    delivered: () => undefined,
    up: () => (heard.push("up"), told()),
    failed: () => (heard.push("failed"), told()),
  });
  await up;
  using closed = recorded<{ error: { code: string } }>(diagnostics.channelClosed);
  const back = next();
  await node.deleteQueue(queue);
  await closed.until(
    (events) => events.filter(({ error }) => error.code === "BROKER_ACCESS_REFUSED").length >= 2,
  );
  await admin.channels.withChannel((channel) => channel.declareQueue(queue, classic));
  renew(issue(60));
  await back;
  expect(heard).toEqual(["up", "up"]);
  expect(connection.healthy()).toBe(true);
});

test.each([
  ["and the broker says why", "publishes"],
  ["and the broker's text is cut before the reason", "publishes-".padEnd(250, "x")],
])(
  "a publish that is refused because the token has ended, %s, is confirmed with the next one",
  async (_how, exchange) => {
    await using admin = await connect(node.url);
    await admin.channels.withChannel((channel) =>
      channel.declareExchange(exchange, "fanout", {
        durable: true,
        autoDelete: false,
        internal: false,
        arguments: {},
      }),
    );
    const first = issue(3);
    const renewals: ((token: Credentials) => void)[] = [];
    let issued = 0;
    // Both sockets log in with the first one; what asks then waits for the next one.
    const credentials = (): Credentials | Promise<Credentials> =>
      ++issued <= 2 ? first : new Promise((resolve) => renewals.push(resolve));
    await using connection = await connect(url(), { credentials, reconnect });
    const publishes = connection.channels.confirm();
    const body = Buffer.from("x");
    // A permission that was asked for once is remembered for a while, hence another exchange.
    await publishes.publish({ exchange: "amq.fanout", routingKey: "", body, mandatory: false });
    const socket = connection.channels.socket("publish");
    await vi.waitFor(() => expect(socket.tokenHasEnded && renewals.length === 2).toBe(true), 10_000);
    using closed = recorded<{ error: { code: string } }>(diagnostics.channelClosed);
    const published = publishes.publish({ exchange, routingKey: "", body, mandatory: false });
    const refused = closed
      .until((events) => events.filter(({ error }) => error.code === "BROKER_ACCESS_REFUSED").length >= 2)
      .then(() => "refused twice");
    expect(await Promise.race([refused, published])).toBe("refused twice");
    for (const resolve of renewals) resolve(issue(60));
    await expect(published).resolves.toMatchObject({ status: "confirmed" });
    expect(connection.healthy()).toBe(true);
  },
);

test("a blocked connection is given one token at a time, and the next when that is taken", async () => {
  await using connection = await connect(url(), {
    credentials: { token: issue(60).token },
    reconnect,
    rpcTimeoutMs: 300,
  });
  const fanout = { exchange: "amq.fanout", routingKey: "", body: Buffer.from("x"), mandatory: false };
  await connection.channels.confirm().publish(fanout);
  const blocked = next(connection, "blocked");
  await node.memoryAlarm(true);
  try {
    void connection.channels.confirm().publish(fanout);
    await blocked;
    using frames = proxy.frames();
    for (let attempt = 0; attempt < 4; attempt++)
      await expect(connection.updateSecret(issue(120).token)).rejects.toMatchObject({ code: "RPC_TIMEOUT" });
    expect(frames.count("connection.update-secret", "toServer")).toBe(4 + 1);
  } finally {
    await node.memoryAlarm(false);
  }
  await becomes(connection, "open");
  using frames = proxy.frames();
  await connection.updateSecret(issue(120).token);
  expect(frames.count("connection.update-secret-ok", "toClient")).toBeGreaterThanOrEqual(2);
});

test("what the token does not give is refused for good", async () => {
  const credentials = (): Credentials => issue(60, ["configure", "write"]);
  await using connection = await connect(url(), { credentials, reconnect });
  await connection.channels.withChannel((channel) => channel.declareQueue("unreadable", classic));
  const error = await new Promise((failed) =>
    connection.channels.consume({ queue: "unreadable", prefetch: 1, delivered: () => undefined, failed }),
  );
  expect(error).toMatchObject({ code: "BROKER_ACCESS_REFUSED" });
  expect(connection.healthy()).toBe(false);
});
