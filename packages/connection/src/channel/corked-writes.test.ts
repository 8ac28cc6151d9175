import { PassThrough } from "node:stream";
import type { Channel } from "amqplib";
import { expect, test } from "vitest";
import { CorkedWrites } from "./corked-writes.ts";

/** As much of amqplib's channel as is used, on a socket that does not exist. */
function channelOn(stream: PassThrough): Channel {
  const buffer = { write: () => true, end: () => undefined };
  const channel = { ch: 1, connection: { stream, frameMax: 4096, channels: [null] as unknown[] } };
  channel.connection.channels.push({ channel, buffer });
  return channel as never;
}

test("many channels wait for one socket with one listener, and each is called once", () => {
  const socket = new PassThrough();
  const before = socket.listenerCount("drain");
  const called: number[] = [];
  const channels = Array.from({ length: 14 }, () => CorkedWrites.on(channelOn(socket))!);
  for (const [index, channel] of channels.entries()) channel.onceDrained(() => called.push(index));
  expect(socket.listenerCount("drain")).toBe(before + 1);
  socket.emit("drain");
  expect(called).toEqual([...channels.keys()]);
  channels[3]!.onceDrained(() => called.push(99));
  socket.emit("drain");
  socket.emit("drain");
  expect(called.slice(channels.length)).toEqual([99]);
});

test("a channel that is closed has no way to the socket, not even that of the next one with its number", () => {
  const closed = channelOn(new PassThrough());
  const next = channelOn(new PassThrough());
  const { connection } = next as unknown as { connection: object };
  expect(CorkedWrites.on({ ...closed, connection } as never)).toBeUndefined();
  expect(CorkedWrites.on(next)).toBeDefined();
});
