import { inspect } from "node:util";
import { diagnostics } from "@warren/message";
import { useBroker } from "@warren/testing/vitest";
import type { FaultProxy, FrameTap } from "@warren/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { connect } from "./connect.ts";
import type { Connection } from "./connection.ts";
import { becomes, next, proxyTo, recorded, rejection } from "./connection.test-support.ts";
import { defineTopology } from "./topology/define-topology.ts";
import { deleteTopology } from "./topology/delete-topology.ts";
import type { Topology } from "./topology/topology.ts";

const broker = useBroker();
const owned: Topology[] = [];
let admin: Connection;

beforeAll(async () => {
  admin = await connect(broker.url);
});
afterAll(async () => {
  for (const topology of owned) await deleteTopology(admin, topology);
  await admin.close();
});

function owns<T extends Topology>(topology: T): T {
  owned.push(topology);
  return topology;
}

describe("connect", () => {
  test("declares the topology before it resolves, again without harm, and check finds it", async () => {
    const topology = owns(defineTopology({ queues: { [broker.name("q")]: {} } }));
    expect((await rejection(connect(broker.url, { topology, declare: "check" }))).code).toBe(
      "BROKER_NOT_FOUND",
    );
    await using connection = await connect(broker.url, { topology });
    await connection.check();
    await connection.declare();
    await using checked = await connect(broker.url, { topology, declare: "check" });
    expect(checked.topology).toBe(topology);
    const { entries } = await checked.plan(topology);
    expect(entries.every((entry) => entry.action === "unchanged")).toBe(true);
  });

  test("declares nothing in mode none", async () => {
    const topology = owns(defineTopology({ queues: { [broker.name("q")]: {} } }));
    await using connection = await connect(broker.url, { topology, declare: "none" });
    expect((await rejection(connection.check())).code).toBe("BROKER_NOT_FOUND");
    expect(connection.state.kind).toBe("open");
  });

  test("[B11] rejects at once for a drifted topology, and leaves no connection behind", async () => {
    const name = broker.name("q");
    await admin.declare(owns(defineTopology({ queues: { [name]: { maxLength: 5, retry: false } } })));
    using states = recorded<{ connection: string; to: string }>(diagnostics.connectionState);
    const topology = defineTopology({ queues: { [name]: { maxLength: 6, retry: false } } });
    const error = await rejection(connect(broker.url, { topology, name }));
    expect(error.code).toBe("TOPOLOGY_DRIFT");
    expect(error.message).toContain("x-max-length wanted 6, actual 5");
    expect(states.events.findLast(({ connection }) => connection === name)?.to).toBe("closed");
  });

  test.each([
    ["a wrong password", (url: URL) => (url.password = "canary-wrong"), "ACCESS_REFUSED"],
    ["an unknown vhost", (url: URL) => (url.pathname = "/no-such-vhost"), "VHOST_NOT_FOUND"],
    [
      "TLS to a plain port",
      (url: URL) => (url.href = url.href.replace("amqp:", "amqps:")),
      "TLS_NOT_OFFERED",
    ],
  ])("rejects at once for %s", async (_what, change, code) => {
    const url = new URL(broker.url);
    change(url);
    const startedAt = performance.now();
    const error = await rejection(connect(url.href));
    expect(error.code).toBe(code);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain("canary");
  });

  test("a connection that is lost while the topology is declared is made again", async () => {
    await using proxy = await proxyTo(broker.url);
    const topology = owns(defineTopology({ queues: { [broker.name("q")]: {} } }));
    using frames = proxy.frames();
    const declaring = frames.next("queue.declare");
    const connecting = connect(proxy.url(broker.url), { topology, reconnect: { baseMs: 10, maxMs: 100 } });
    await declaring;
    proxy.reset();
    await using connection = await connecting;
    await connection.check();
    expect(proxy.acceptedCount).toBe(2);
  });

  describe("behind a broker that goes silent while the topology is declared", () => {
    const patient = { heartbeatSeconds: 0, rpcTimeoutMs: 120_000, closeTimeoutMs: 120_000 };
    const topology = defineTopology({ exchanges: { unanswered: { type: "fanout" } } });
    let proxy: FaultProxy;
    let silence: FrameTap;

    beforeEach(async () => {
      proxy = await proxyTo(broker.url);
      silence = proxy.frames(({ method, connection }) => {
        if (method === "channel.open") connection.blackHole();
      });
    });
    afterEach(() => proxy.close());

    test("[C35] a signal ends the start at once", async () => {
      const abort = new AbortController();
      const { signal } = abort;
      const connecting = connect(proxy.url(broker.url), { topology, signal, ...patient });
      await silence.next("channel.open");
      const reason = new Error("enough");
      abort.abort(reason);
      expect(await rejection(connecting)).toBe(reason);
    });

    test("the start ends after startupTimeoutMs", async () => {
      const connecting = connect(proxy.url(broker.url), { topology, startupTimeoutMs: 300, ...patient });
      expect(await rejection(connecting)).toMatchObject({
        code: "CONNECT_TIMEOUT",
        cause: { code: "RPC_TIMEOUT" },
      });
    });
  });

  test("[N11] a closed port is tried until startupTimeoutMs, and the last diagnosis is told", async () => {
    using failed = recorded<{ connection: string }>(diagnostics.connectFailed);
    const name = broker.name("c");
    const error = await rejection(
      connect("amqp://127.0.0.1:1", { startupTimeoutMs: 1_000, name, reconnect: { baseMs: 50, maxMs: 200 } }),
    );
    expect(error).toMatchObject({ code: "CONNECT_TIMEOUT", cause: { code: "CONNECTION_REFUSED" } });
    expect(String(error)).toMatch(/no connection within \d+ ms: /);
    const attempts = failed.events.filter((event) => event.connection === name).length;
    expect(attempts).toBeGreaterThan(3);
    expect(attempts).toBeLessThan(40);
  });

  test("[N11] a name that cannot be resolved is told as such", async () => {
    const error = await rejection(
      connect("amqp://u:p@no-such-host.invalid", { allowInsecure: true, startupTimeoutMs: 300 }),
    );
    expect(error).toMatchObject({ code: "CONNECT_TIMEOUT", cause: { code: "HOST_NOT_FOUND" } });
  });

  test("[N11] one broker of the list is enough", async () => {
    await using connection = await connect(["amqp://127.0.0.1:1", broker.url, "amqp://127.0.0.1:2"]);
    expect(connection.state.kind).toBe("open");
  });

  test("[C35] a signal ends the start, and its reason is told", async () => {
    const reason = new Error("never mind");
    const connecting = connect("amqp://127.0.0.1:1", { signal: AbortSignal.abort(reason) });
    expect(await rejection(connecting)).toBe(reason);
  });
});

describe("a connection", () => {
  test("is healthy while it is open, and tells its states until it is closed", async () => {
    const connection = await connect(broker.url);
    expect(connection.healthy()).toBe(true);
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { from, to } of connection.status()) seen.push(`${from}>${to}`);
    })();
    connection.channels.socket("consume").cut(new Error("cut by the test"));
    await next(connection, "reconnecting");
    expect(connection.healthy()).toBe(false);
    await becomes(connection, "open");
    await connection.close();
    await reading;
    expect(seen).toEqual(["open>reconnecting", "reconnecting>open", "open>closing", "closing>closed"]);
    expect(connection.healthy()).toBe(false);
  });

  test("tells its states to each reader until that one's signal aborts", async () => {
    await using connection = await connect(broker.url);
    const reader = new AbortController();
    const first = connection.status({ signal: reader.signal }).next();
    reader.abort();
    await expect(first).resolves.toEqual({ done: true, value: undefined });
  });

  test("is not healthy while something that it should do is refused for good", async () => {
    await using connection = await connect(broker.url);
    const failed = new Promise<Error>((resolve) => {
      connection.channels.consume({
        queue: broker.name("missing"),
        prefetch: 1,
        delivered: () => undefined,
        failed: resolve,
      });
    });
    await expect(failed).resolves.toMatchObject({ code: "BROKER_NOT_FOUND" });
    expect(connection.state.kind).toBe("open");
    expect(connection.healthy()).toBe(false);
  });

  test("[C35] close is idempotent, and everything after it fails the same way", async () => {
    const connection = await connect(broker.url);
    const closing = connection.close();
    expect(connection.close()).toBe(closing);
    expect(connection.state.kind).toBe("closing");
    await closing;
    expect(connection.state).toEqual({ kind: "closed" });
    for (const use of [
      () => connection.channels.withChannel(() => Promise.resolve()),
      () => connection.declare(defineTopology({})),
    ])
      expect((await rejection(use())).code).toMatch(/CONNECTION_CLOSED|CHANNEL_LOST/);
    expect(() => connection.channels.confirm()).toThrow("CONNECTION_CLOSED");
    await connection.close();
  });

  test("[C35] a publish before close is confirmed, one after it is refused", async () => {
    const connection = await connect(broker.url);
    const channel = connection.channels.confirm();
    const publishing = { exchange: "amq.fanout", routingKey: "", body: Buffer.from("x") };
    const before = channel.publish({ ...publishing, mandatory: false });
    await connection.close();
    await expect(before).resolves.toMatchObject({ status: "confirmed" });
    await expect(channel.publish(publishing)).resolves.toMatchObject({ status: "refused", stored: "no" });
  });
});

test("S5: no error, event, state or inspection holds the password", async () => {
  const seen: unknown[] = [];
  using states = recorded(diagnostics.connectionState);
  using connects = recorded(diagnostics.connect);
  using failures = recorded(diagnostics.connectFailed);
  using channels = recorded(diagnostics.channelClosed);
  const url = new URL(broker.url);
  url.username = "nobody";
  url.password = "canary-password";
  seen.push(await rejection(connect(url.href)));
  url.hostname = "no-such-host.invalid";
  seen.push(await rejection(connect(url.href, { allowInsecure: true, startupTimeoutMs: 100 })));
  url.pathname = "/a/b";
  seen.push(await rejection(connect(url.href)));
  await using connection = await connect(broker.url);
  connection.channels.socket("consume").cut(new Error("cut by the test"));
  await next(connection, "reconnecting");
  seen.push(connection.state, connection, connection.options);
  await becomes(connection, "open");
  seen.push(connection.state, connection, connection.channels.socket("consume"));
  for (const { events } of [states, connects, failures, channels]) seen.push(...events);
  expect(seen.length).toBeGreaterThan(10);
  for (const value of seen) {
    expect(inspect(value, { depth: 20, showHidden: true, getters: true })).not.toContain("canary-password");
    expect(String(value)).not.toContain("canary-password");
  }
});
