import { afterEach, expect, test } from "vitest";
import { connect } from "../connect.ts";
import { FakePeers, methodFrame, openOk, start, tune } from "./fake-peers.test-support.ts";

const peers = new FakePeers();

afterEach(() => peers.close());

test("a token given by hand counts as one that has not ended", async () => {
  const updateSecretOk = methodFrame(71, Buffer.alloc(0));
  const port = await peers.answering([start, tune, openOk, updateSecretOk]);
  const ended = { token: "old", expiresAt: new Date(Date.now() - 1) };
  await using connection = await connect(`amqp://127.0.0.1:${port}`, {
    credentials: () => ended,
    closeTimeoutMs: 200,
  });
  const socket = connection.channels.socket("consume");
  expect(socket.tokenHasEnded).toBe(true);
  await connection.updateSecret("new");
  expect(socket.tokenHasEnded).toBe(false);
});
