import { getEventListeners, once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { BrokerAddress } from "../uri.ts";
import { speaksTls } from "./handshake-probe.ts";

/** A peer that does this with whoever connects. */
async function listen(meet: (socket: Socket) => void): Promise<BrokerAddress> {
  const server = createServer((socket) => meet(socket.on("error", () => undefined)));
  onTestFinished(() => void server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { tls: false, host: "127.0.0.1", port: (server.address() as AddressInfo).port, vhost: "/" };
}

test("asking for TLS leaves nothing on the signal, which lives as long as the connection and its attempts", async () => {
  const closing = new AbortController();
  const address = await listen((socket) => socket.resetAndDestroy());
  for (let attempt = 0; attempt < 3; attempt++)
    expect(await speaksTls(address, 5_000, closing.signal)).toBe(false);
  expect(getEventListeners(closing.signal, "abort")).toHaveLength(0);
});

test("asking for TLS ends when the signal aborts, also if it has already", async () => {
  const closing = new AbortController();
  const address = await listen(() => closing.abort());
  expect(await speaksTls(address, 60_000, closing.signal)).toBe(false);
  expect(await speaksTls(address, 60_000, closing.signal)).toBe(false);
});
