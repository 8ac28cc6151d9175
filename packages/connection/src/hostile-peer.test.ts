import { afterEach, expect, test, vi } from "vitest";
import { connect } from "./connect.ts";
import { ConnectionChannels } from "./connection-channels.ts";
import { becomes, next } from "./connection.test-support.ts";
import { close, FakePeers, openOk, start, tune } from "./socket/fake-peers.test-support.ts";
import { defineTopology } from "./topology/define-topology.ts";

const peers = new FakePeers();

afterEach(() => peers.close());

function frame(type: number, channel: number, size: number, payload: Buffer, end = 0xce): Buffer {
  const header = Buffer.alloc(7);
  header[0] = type;
  header.writeUInt16BE(channel, 1);
  header.writeUInt32BE(size, 3);
  return Buffer.concat([header, payload, Buffer.of(end)]);
}

const method = (classId: number, methodId: number, rest: Buffer): Buffer =>
  Buffer.concat([Buffer.of(0, classId, 0, methodId), rest]);

test.each<readonly [string, Buffer]>([
  ["a frame that claims 4 GiB", frame(1, 0, 0xff_ff_ff_ff, Buffer.alloc(64))],
  ["a frame above the negotiated size", frame(3, 0, 140_000, Buffer.alloc(64))],
  ["an unknown type of frame", frame(9, 0, 4, Buffer.alloc(4))],
  ["a frame without its end", frame(8, 0, 0, Buffer.alloc(0), 0)],
  ["a frame on a channel that was never opened", frame(1, 77, 4, method(20, 40, Buffer.alloc(0)))],
  ["a method that does not exist", frame(1, 0, 4, method(10, 99, Buffer.alloc(0)))],
  ["a method that is cut short", frame(1, 0, 5, method(10, 50, Buffer.of(1)))],
])("[N18] %s costs the connection, with a typed error and little memory", async (_what, hostile) => {
  let attack = (_bytes: Buffer): void => undefined;
  const evil = await peers.listen((socket) => {
    let answered = 0;
    socket.on("data", () => {
      const answer = [start, tune, openOk][answered++];
      if (answer !== undefined) socket.write(answer);
    });
    attack = (bytes) => void socket.write(bytes);
  });
  await using connection = await connect(`amqp://127.0.0.1:${evil}`, { closeTimeoutMs: 200 });
  const before = process.memoryUsage().arrayBuffers;
  const lost = next(connection, "reconnecting");
  attack(hostile);
  expect((await lost).error).toMatchObject({ code: "CONNECTION_LOST" });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024);
});

test("a broker that closes in the same breath as it opens is tried again", async () => {
  const accepted: unknown[] = [];
  const port = await peers.listen((socket) => {
    const last =
      accepted.push(socket) < 3
        ? Buffer.concat([openOk, close(320, "CONNECTION_FORCED - shutdown")])
        : openOk;
    let answered = 0;
    socket.on("data", () => {
      const answer = [start, tune, last][answered++];
      if (answer !== undefined) socket.write(answer);
    });
  });
  await using connection = await connect(`amqp://127.0.0.1:${port}`, {
    closeTimeoutMs: 200,
    reconnect: { baseMs: 1, maxMs: 10 },
  });
  await becomes(connection, "open");
  while (accepted.length < 3) await next(connection, "open");
  expect(connection.state.kind).toBe("open");
});

const onChannel = (classId: number, methodId: number, rest: Buffer = Buffer.alloc(0)): Buffer =>
  frame(1, 1, 4 + rest.length, method(classId, methodId, rest));
const channelOpenOk = onChannel(20, 11, Buffer.alloc(4));
const selectOk = onChannel(85, 11);
const ack = onChannel(60, 80, Buffer.of(0, 0, 0, 0, 0, 0, 0, 1, 0));
const shutdown = close(320, "CONNECTION_FORCED - shutdown");

/** Each connection in turn answers with the next of these after its handshake. */
function answeringInTurn(...answers: readonly (readonly Buffer[])[]): Promise<number> {
  let accepted = 0;
  return peers.listen((socket) => {
    const all = [start, tune, openOk, ...(answers[accepted++] ?? [])];
    let next = 0;
    socket.on("data", () => {
      const answer = all[next++];
      if (answer !== undefined) socket.write(answer);
    });
  });
}

const quick = { closeTimeoutMs: 200, reconnect: { baseMs: 1, maxMs: 10 } };

test("a confirm channel that is closed in the same breath as it is opened is opened again", async () => {
  const port = await answeringInTurn(
    [],
    [channelOpenOk, Buffer.concat([selectOk, shutdown])],
    [channelOpenOk, selectOk, ack],
  );
  await using connection = await connect(`amqp://127.0.0.1:${port}`, quick);
  const publishing = { exchange: "", routingKey: "q", body: Buffer.from("x") };
  const confirmation = await connection.channels.confirm({ deliveryTimeoutMs: 3_000 }).publish(publishing);
  expect(confirmation).toMatchObject({ status: "confirmed", attempts: 1 });
});

test("a channel without confirms that is closed in the same breath as it is opened is never up", async () => {
  const port = await answeringInTurn([Buffer.concat([channelOpenOk, shutdown])], [channelOpenOk]);
  await using connection = await connect(`amqp://127.0.0.1:${port}`, quick);
  const generation = await new Promise((up, failed) => {
    connection.channels.supervise("consume", {
      name: "test",
      confirm: false,
      up: (_channel, first) => up(first),
      down: () => undefined,
      failed,
    });
  });
  expect(generation).toBe(2);
});

test("a start that fails at once on an open connection pauses before it tries again", async () => {
  const port = await answeringInTurn([]);
  const tries = vi.spyOn(ConnectionChannels.prototype, "withChannel");
  using _restored = { [Symbol.dispose]: () => tries.mockRestore() };
  const starting = connect(`amqp://127.0.0.1:${port}`, {
    topology: defineTopology({ queues: { q: {} } }),
    channelMax: 1, // taken by the first channel, which is not answered
    rpcTimeoutMs: 20,
    startupTimeoutMs: 300,
    reconnect: { baseMs: 100, maxMs: 100 },
    closeTimeoutMs: 200,
  });
  await expect(starting).rejects.toMatchObject({ code: "CONNECT_TIMEOUT" });
  expect(tries.mock.calls.length).toBeGreaterThan(1);
  expect(tries.mock.calls.length).toBeLessThan(6);
});

/** The numbers of the channels that a client asks for in these bytes. */
function openedIn(bytes: Buffer): readonly number[] {
  const opens: number[] = [];
  const channelOpen = Buffer.of(0, 20, 0, 10);
  for (let at = bytes.indexOf(channelOpen); at !== -1; at = bytes.indexOf(channelOpen, at + 1))
    opens.push(bytes.readUInt16BE(at - 6));
  return opens;
}

test("a channel that the client itself closes over a broken frame is replaced although the peer never agrees", async () => {
  let attack = (): void => undefined;
  const opened: number[] = [];
  const port = await peers.listen((socket) => {
    const greeting = [start, tune, openOk];
    socket.on("data", (bytes: Buffer) => {
      const answer = greeting.shift();
      if (answer !== undefined) socket.write(answer);
      for (const channel of openedIn(bytes)) {
        opened.push(channel);
        socket.write(frame(1, channel, 8, method(20, 11, Buffer.alloc(4))));
      }
    });
    attack = () => void socket.write(frame(3, 1, 1, Buffer.of(1)));
  });
  await using connection = await connect(`amqp://127.0.0.1:${port}`, { ...quick, rpcTimeoutMs: 50 });
  const losses: unknown[] = [];
  const generation = await new Promise((up, failed) => {
    connection.channels.supervise("consume", {
      name: "test",
      confirm: false,
      up: (_channel, number) => (number === 1 ? attack() : up(number)),
      down: (error) => losses.push(error),
      failed,
    });
  });
  expect(generation).toBe(2);
  expect(opened).toEqual([1, 2]);
  expect(losses).toMatchObject([{ code: "CHANNEL_LOST" }]);
});

test("a socket whose peer agrees to no close is given up before it runs out of channels", async () => {
  const port = await peers.listen((socket) => {
    const greeting = [start, tune, openOk];
    socket.on("data", (bytes: Buffer) => {
      const answer = greeting.shift();
      if (answer !== undefined) socket.write(answer);
      for (const channel of openedIn(bytes)) {
        const broken = frame(3, channel, 1, Buffer.of(1));
        socket.write(Buffer.concat([frame(1, channel, 8, method(20, 11, Buffer.alloc(4))), broken]));
      }
    });
  });
  await using connection = await connect(`amqp://127.0.0.1:${port}`, { ...quick, rpcTimeoutMs: 200 });
  await becomes(connection, "open");
  const lost = next(connection, "reconnecting");
  connection.channels.supervise("consume", {
    name: "test",
    confirm: false,
    up: () => undefined,
    down: () => undefined,
    failed: () => undefined,
  });
  expect((await lost).error).toMatchObject({
    code: "CONNECTION_LOST",
    message: expect.stringContaining("channels do not answer"),
  });
});
