import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Heartbeats } from "./heartbeats.ts";
import { Reading } from "./reading.ts";
import { SocketWriter } from "./socket-writer.ts";

let server: Server;
let client: Socket;
let socket: Socket;
let writer: SocketWriter;

beforeEach(async () => {
  server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  [socket] = (await once(server, "connection")) as [Socket];
  writer = new SocketWriter({
    socket,
    reading: new Reading(socket),
    onRoom: () => undefined,
    cut: () => undefined,
  });
});
afterEach(() => {
  client.destroy();
  socket.destroy();
  server.close();
});

test("all of a turn is one write, and what comes late is in it", async () => {
  const write = vi.spyOn(socket, "write");
  writer.write(Buffer.from("a"));
  writer.beforeLeaving({ writeLate: () => writer.write(Buffer.from("z")) });
  writer.writeAll([Buffer.from("b"), Buffer.from("c")]);
  const [bytes] = (await once(client, "data")) as [Buffer];
  expect(bytes.toString()).toBe("abcz");
  expect(write).toHaveBeenCalledOnce();
});

test("what was gathered goes out before the end", async () => {
  const came: Buffer[] = [];
  client.on("data", (chunk) => came.push(chunk));
  writer.write(Buffer.from("last words"));
  writer.end();
  await once(client, "end");
  expect(Buffer.concat(came).toString()).toBe("last words");
});

test("a heartbeat does not keep the next one from being sent", () => {
  vi.useFakeTimers();
  try {
    const write = vi.spyOn(writer, "write");
    const heartbeats = new Heartbeats({ seconds: 10, writer, onSilence: () => undefined });
    for (let half = 1; half <= 3; half += 1) {
      vi.advanceTimersByTime(5_000);
      expect(write).toHaveBeenCalledTimes(half);
    }
    heartbeats.stop();
  } finally {
    vi.useRealTimers();
  }
});

test("what was cut into very many pieces counts until the socket has it, and consumers get no more meanwhile", () => {
  const cutting = new SocketWriter({
    socket,
    reading: new Reading(socket),
    onRoom: () => undefined,
    cut: (bytes) => Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)),
  });
  cutting.write(Buffer.alloc(300_000));
  cutting.flush();
  expect(cutting.hasRoom()).toBe(false);
});

test("consumers hear of room once enough of the pieces has left", async () => {
  const roomy = new Promise<void>((resolve) => {
    const cutting = new SocketWriter({
      socket,
      reading: new Reading(socket),
      onRoom: resolve,
      cut: (bytes) => [bytes.subarray(0, 10), bytes.subarray(10, 20), bytes.subarray(20)],
    });
    client.resume();
    cutting.write(Buffer.alloc(400_000));
    cutting.flush();
    expect(cutting.hasRoom()).toBe(false);
  });
  await roomy;
});
