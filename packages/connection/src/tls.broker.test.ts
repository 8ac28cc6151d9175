import { chmod, readFile } from "node:fs/promises";
import { once } from "node:events";
import { type AddressInfo, createConnection } from "node:net";
import { createServer, type Server } from "node:tls";
import { inspect } from "node:util";
import { type RabbitMqNode, startFaultProxy, startRabbitMq, type TlsAccess } from "@warren/testing";
import { testOnRabbitMq } from "@warren/testing/vitest";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { connect } from "./connect.ts";
import { next, rejection } from "./connection.test-support.ts";

const test = await testOnRabbitMq();
let node: RabbitMqNode;
let access: TlsAccess;
const servers: Server[] = [];

beforeAll(async () => {
  node = await startRabbitMq({ tls: "mutual" });
  access = node.tls!;
  await chmod(access.client.keyFile, 0o600);
});
afterAll(async () => {
  for (const server of servers) server.close();
  await node.close();
});

/** A TLS server with a certificate of its own, in front of a plain port or of nothing. */
async function serverWith(options: {
  hosts?: readonly string[];
  validDays?: number;
  port?: number;
}): Promise<string> {
  const issued = await access.authority.issue({ commonName: "broker", ...options });
  const server = createServer({
    cert: await readFile(issued.certificateFile),
    key: await readFile(issued.keyFile),
  });
  server.on("tlsClientError", () => undefined);
  server.on("secureConnection", (socket) => {
    socket.on("error", () => undefined);
    if (options.port === undefined) return;
    const plain = createConnection(options.port, "127.0.0.1");
    plain.on("error", () => undefined);
    socket.pipe(plain).pipe(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  servers.push(server);
  return `amqps://guest:guest@localhost:${(server.address() as AddressInfo).port}`;
}

function url(): string {
  return `amqps://localhost:${access.port}`;
}

function client(): { certFile: string; keyFile: string } {
  return { certFile: access.client.certificateFile, keyFile: access.client.keyFile };
}

describe("TLS", () => {
  test("SASL EXTERNAL logs in with the client certificate alone", async () => {
    await using connection = await connect(url(), {
      credentials: "external",
      tls: { caFile: access.caFile, ...client() },
    });
    await connection.channels.withChannel((channel) => channel.checkExchange("amq.fanout"));
    expect(await node.ctl("list_connections", "user", "auth_mechanism")).toMatch(/guest\s+EXTERNAL/);
  });

  test("PLAIN works inside TLS, with TLS 1.3 as the least", async () => {
    await using connection = await connect(`amqps://guest:guest@localhost:${access.port}`, {
      tls: { caFile: access.caFile, ...client(), minVersion: "TLSv1.3" },
    });
    expect(connection.state.kind).toBe("open");
  });

  test("[N14] an authority that is not trusted is TLS_UNTRUSTED, at once", async () => {
    const error = await rejection(connect(url(), { credentials: "external", tls: client() }));
    expect(error.code).toBe("TLS_UNTRUSTED");
    expect(error.message).toContain("tls.caFile");
  });

  test("[N14] a certificate for another host is TLS_NAME_MISMATCH, and servername mends it", async () => {
    const other = await serverWith({ hosts: ["broker.example.com"] });
    const tls = { caFile: access.caFile };
    const error = await rejection(connect(other, { tls }));
    expect(error.code).toBe("TLS_NAME_MISMATCH");
    const named = await rejection(
      connect(other, {
        tls: { ...tls, servername: "broker.example.com" },
        startupTimeoutMs: 1_000,
        connectTimeoutMs: 200,
      }),
    );
    expect(named).toMatchObject({ code: "CONNECT_TIMEOUT", cause: { code: "HANDSHAKE_TIMEOUT" } });
  });

  test("[N14] an expired certificate is TLS_EXPIRED", async () => {
    const expired = await serverWith({ validDays: -1 });
    const error = await rejection(connect(expired, { tls: { caFile: access.caFile } }));
    expect(error.code).toBe("TLS_EXPIRED");
  });

  test("a broker that wants a client certificate and gets none is TLS_CLIENT_CERTIFICATE", async () => {
    const error = await rejection(
      connect(`amqps://guest:guest@localhost:${access.port}`, { tls: { caFile: access.caFile } }),
    );
    expect(error.code).toBe("TLS_CLIENT_CERTIFICATE");
  });

  test("plain AMQP to a TLS port is TLS_REQUIRED", async () => {
    const error = await rejection(connect(`amqp://guest:guest@localhost:${access.port}`));
    expect(error.code).toBe("TLS_REQUIRED");
    expect(error.message).toContain("use amqps://");
  });

  test("plain AMQP to another kind of TLS server is TLS_REQUIRED too", async () => {
    const error = await rejection(connect((await serverWith({})).replace("amqps:", "amqp:")));
    expect(error.code).toBe("TLS_REQUIRED");
  });

  test("EXTERNAL where the broker does not offer it says which plugin it takes", async () => {
    const url = new URL(await serverWith({ port: node.port }));
    url.username = url.password = "";
    const error = await rejection(
      connect(url.href, { credentials: "external", tls: { caFile: access.caFile, ...client() } }),
    );
    expect(error.code).toBe("MECHANISM_NOT_OFFERED");
  });

  test("[N5] a black hole under TLS is noticed like one without", async () => {
    await using proxy = await startFaultProxy({ target: { port: access.port } });
    await using connection = await connect(`amqps://localhost:${proxy.port}`, {
      credentials: "external",
      tls: { caFile: access.caFile, ...client() },
      heartbeatSeconds: 1,
      closeTimeoutMs: 200,
    });
    const lost = next(connection, "reconnecting");
    proxy.blackHole();
    expect((await lost).error).toMatchObject({ code: "HEARTBEAT_MISSED" });
  });

  test("S4: a key file that others may read is refused before anything is sent", async () => {
    await chmod(access.client.keyFile, 0o644);
    const error = await rejection(
      connect(url(), { credentials: "external", tls: { caFile: access.caFile, ...client() } }),
    );
    await chmod(access.client.keyFile, 0o600);
    expect(error.code).toBe("INSECURE_KEY_FILE");
  });

  test("S5: no inspection of a TLS connection shows the passphrase, the key or the password", async () => {
    await using connection = await connect(`amqps://guest:guest@localhost:${access.port}`, {
      credentials: { username: "guest", password: "guest" },
      tls: {
        caFile: access.caFile,
        cert: await readFile(access.client.certificateFile),
        key: await readFile(access.client.keyFile, "utf8"),
        passphrase: "canary-passphrase",
      },
    });
    for (const value of [
      connection,
      connection.options,
      connection.state,
      connection.channels.socket("consume"),
    ])
      expect(inspect(value, { depth: 20, showHidden: true, getters: true })).not.toMatch(
        /canary-passphrase|PRIVATE KEY/,
      );
  });
});
