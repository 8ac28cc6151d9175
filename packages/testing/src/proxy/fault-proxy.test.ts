import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startFaultProxy, type FaultProxy } from "./fault-proxy.ts";
import { seededRandom } from "../broker/faults/seeded-random.ts";

let echo: Server;
let proxy: FaultProxy;
const clients = new Set<Socket>();
const served = new Set<Socket>();

beforeEach(async () => {
  echo = createServer({ allowHalfOpen: true }, (socket) => {
    served.add(socket);
    socket.on("error", () => undefined);
    socket.pipe(socket);
  });
  echo.listen(0, "127.0.0.1");
  await once(echo, "listening");
  proxy = await startFaultProxy({ target: { port: (echo.address() as AddressInfo).port } });
});

afterEach(async () => {
  for (const socket of [...clients, ...served]) socket.destroy();
  clients.clear();
  served.clear();
  await proxy.close();
  echo.close();
});

test("every byte comes back unchanged while no fault is set", async () => {
  const client = await open();
  const sent = Buffer.alloc(3_000_000, "0123456789abcdef");
  client.write(sent);
  expect((await read(client, sent.length)).equals(sent)).toBe(true);
});

test("reset gives both ends ECONNRESET", async () => {
  const client = await open();
  client.write("x");
  await read(client, 1);
  const [server] = served;
  const atServer = failure(server!);
  proxy.reset();
  await expect(failure(client)).resolves.toMatchObject({ code: "ECONNRESET" });
  await expect(atServer).resolves.toMatchObject({ code: "ECONNRESET" });
  expect(proxy.connections).toEqual([]);
});

test("a reset by the client reaches the server as a reset", async () => {
  const client = await open();
  client.write("x");
  await read(client, 1);
  const [server] = served;
  const atServer = failure(server!);
  client.resetAndDestroy();
  await expect(atServer).resolves.toMatchObject({ code: "ECONNRESET" });
});

test("fin to the client ends its stream and leaves the other half open", async () => {
  const client = await open({ allowHalfOpen: true });
  client.write("x");
  await read(client, 1);
  const [connection] = proxy.connections;
  proxy.fin("toClient");
  client.resume();
  await once(client, "end");
  client.end("still heard");
  await connection!.closed;
  expect(connection!.passedBytes("toServer")).toBe(12);
});

test("a black hole to the server keeps bytes back, and resume delivers them in order", async () => {
  const client = await open();
  const [connection] = proxy.connections;
  proxy.blackHole("toServer");
  client.write("one ");
  client.write("two");
  await until(() => connection!.heldBytes("toServer") === 7);
  expect(connection!.passedBytes("toServer")).toBe(0);
  proxy.resume("toServer");
  expect((await read(client, 7)).toString()).toBe("one two");
});

test("a black hole to the client lets the server hear but not answer", async () => {
  const client = await open();
  const [connection] = proxy.connections;
  proxy.blackHole("toClient");
  client.write("hello");
  await until(() => connection!.heldBytes("toClient") === 5);
  expect(connection!.passedBytes("toServer")).toBe(5);
  expect(connection!.passedBytes("toClient")).toBe(0);
  await proxy.heal();
  expect((await read(client, 5)).toString()).toBe("hello");
});

test("a black hole swallows the end of the stream too", async () => {
  const client = await open();
  const [connection] = proxy.connections;
  proxy.blackHole();
  client.write("last");
  client.end();
  await until(() => connection!.heldBytes("toServer") === 4);
  expect([...served].every((socket) => socket.readable)).toBe(true);
  await proxy.heal();
  await connection!.closed;
});

test.each([1, 7, 100_001])("cutAfter passes exactly %i bytes, whatever the chunks", async (bytes) => {
  const client = await open();
  const [connection] = proxy.connections;
  proxy.cutAfter({ bytes, direction: "toServer" });
  client.write(Buffer.alloc(60_000));
  client.write(Buffer.alloc(60_000));
  await connection!.closed;
  expect(connection!.passedBytes("toServer")).toBe(bytes);
});

test("cutAfter can end the stream in order instead of resetting it", async () => {
  const client = await open();
  proxy.cutAfter({ bytes: 3, direction: "toClient", with: "fin" });
  client.write("abcdef");
  let heard = "";
  client.on("data", (chunk: Buffer) => (heard += chunk.toString()));
  await once(client, "end");
  expect(heard).toBe("abc");
});

test("segment writes every byte by itself", async () => {
  const client = await open();
  const pieces: number[] = [];
  using _tap = proxy.tap((bytes, direction) => direction === "toClient" && pieces.push(bytes.length));
  proxy.segment({ direction: "toClient" });
  client.write("0123456789");
  expect((await read(client, 10)).toString()).toBe("0123456789");
  expect(pieces).toEqual(Array(10).fill(1));
});

test("throttle spreads the bytes over the time they take at that rate", async () => {
  const client = await open();
  proxy.throttle({ bytesPerSecond: 100_000, direction: "toServer" });
  const begun = performance.now();
  client.write(Buffer.alloc(10_000));
  await read(client, 10_000);
  // The last piece leaves a hundredth of a second before the rate would allow one more.
  expect(performance.now() - begun).toBeGreaterThan(80);
});

test("delay holds each chunk for its time, and heal lets go of what is waiting", async () => {
  const client = await open();
  proxy.delay({ delayMs: 50, direction: "toServer" });
  const begun = performance.now();
  client.write("x");
  await read(client, 1);
  expect(performance.now() - begun).toBeGreaterThanOrEqual(49);

  proxy.delay({ delayMs: 3_600_000 });
  const [connection] = proxy.connections;
  client.write("y");
  await until(() => connection!.heldBytes("toServer") === 1);
  await proxy.heal();
  expect((await read(client, 1)).toString()).toBe("y");
});

test("jitter never reorders", async () => {
  const client = await open();
  proxy.delay({ delayMs: 1, jitterMs: 10 });
  for (let index = 0; index < 10; index += 1) client.write(String(index));
  expect((await read(client, 10)).toString()).toBe("0123456789");
});

test("jitter is drawn from a seed", () => {
  const draw = (seed: number): number[] => Array.from({ length: 5 }, seededRandom(seed));
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
  expect(draw(7).every((value) => value >= 0 && value < 1)).toBe(true);
});

test("refuse refuses new connections, keeps live ones, and heal opens the same port again", async () => {
  const live = await open();
  const { port } = proxy;
  proxy.refuse();
  await expect(failure(dial())).resolves.toMatchObject({ code: "ECONNREFUSED" });
  live.write("x");
  expect((await read(live, 1)).toString()).toBe("x");
  await proxy.heal();
  expect(proxy.port).toBe(port);
  const again = await open();
  again.write("y");
  expect((await read(again, 1)).toString()).toBe("y");
});

test("holdHandshake accepts and says nothing until heal", async () => {
  proxy.holdHandshake();
  const client = dial();
  await once(client, "connect");
  client.write("hello");
  await until(() => proxy.acceptedCount === 1);
  expect(served.size).toBe(0);
  await proxy.heal();
  expect((await read(client, 5)).toString()).toBe("hello");
});

test("answer gives an HTTP response to whoever connects", async () => {
  proxy.answer();
  const client = dial();
  let heard = "";
  client.on("data", (chunk: Buffer) => (heard += chunk.toString()));
  await once(client, "end");
  expect(heard).toMatch(/^HTTP\/1\.1 400 /);
  expect(served.size).toBe(0);
});

test("newConnections leaves live connections alone", async () => {
  const live = await open();
  proxy.newConnections.blackHole();
  const next = await open();
  const [, spoilt] = proxy.connections;
  next.write("lost");
  live.write("fine");
  expect((await read(live, 4)).toString()).toBe("fine");
  await until(() => spoilt!.heldBytes("toServer") === 4);
});

test("a fault on one connection leaves the others alone", async () => {
  const [one, two] = [await open(), await open()];
  const [first] = proxy.connections;
  first!.blackHole();
  two.write("fine");
  expect((await read(two, 4)).toString()).toBe("fine");
  const cut = failure(one);
  first!.reset();
  await expect(cut).resolves.toMatchObject({ code: "ECONNRESET" });
  expect(proxy.connections.map((connection) => connection.id)).toEqual([2]);
});

test("a client is reset when nothing listens behind the proxy", async () => {
  echo.close();
  await once(echo, "close");
  await expect(failure(dial())).resolves.toMatchObject({ code: "ECONNRESET" });
});

test("url keeps everything but host and port", () => {
  expect(proxy.url("amqps://user:p%40ss@broker.example:5671/my%2Fvhost?heartbeat=5")).toBe(
    `amqps://user:p%40ss@127.0.0.1:${proxy.port}/my%2Fvhost?heartbeat=5`,
  );
});

test("a fault of zero bytes or a negative rate is refused", () => {
  expect(() => proxy.cutAfter({ bytes: 0, direction: "toServer" })).toThrow(RangeError);
  expect(() => proxy.throttle({ bytesPerSecond: -1 })).toThrow(RangeError);
});

function dial(options: { readonly allowHalfOpen?: boolean } = {}): Socket {
  const client = connect({ port: proxy.port, host: "127.0.0.1", ...options });
  clients.add(client);
  client.on("error", () => undefined);
  return client;
}

async function open(options: { readonly allowHalfOpen?: boolean } = {}): Promise<Socket> {
  const accepted = proxy.nextConnection();
  const client = dial(options);
  await Promise.all([once(client, "connect"), accepted]);
  return client;
}

async function failure(socket: Socket): Promise<unknown> {
  const [error] = await once(socket, "error").catch((caught: unknown) => [caught]);
  return error;
}

async function read(socket: Socket, length: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let have = 0;
  while (have < length) {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) await once(socket, "readable");
    else {
      chunks.push(chunk);
      have += chunk.length;
    }
  }
  return Buffer.concat(chunks);
}

/** Yields to the event loop until it holds; the test's own timeout is the limit. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
