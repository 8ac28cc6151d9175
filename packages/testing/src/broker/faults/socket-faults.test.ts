import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { RawClient } from "../wire/raw-client.test-support.ts";
import { faultScene, publishAll, take } from "./faults.test-support.ts";

const scene = faultScene({ users: { guest: { password: "guest" }, other: { password: "other" } } });

describe("frames that are split", () => {
  test("byte by byte arrive all the same, and in pieces", async () => {
    using split = scene.broker.faults.splitFrames();
    const client = await RawClient.open({ port: scene.broker.port });
    const sizes: number[] = [];
    client.socket.on("data", (chunk) => sizes.push(chunk.length));
    client.publish({ routingKey: "q" }, "torn");
    client.get("q");
    await client.next("basic.get-ok");
    expect(await client.content()).toBe("torn");
    expect(split.struckCount).toBeGreaterThan(4);
    expect(sizes).toEqual(sizes.map(() => 1));
    client.end();
  });

  test("at any byte of a delivery arrive whole", async () => {
    const channel = await scene.channel();
    const body = "0123456789";
    const frameBytes = 150;
    for (let atByte = 1; atByte < frameBytes; atByte += 1) {
      using split = scene.broker.faults.splitFrames({ atByte });
      channel.sendToQueue("q", Buffer.from(body), { headers: { at: atByte } });
      const message = await channel.get("q", { noAck: true });
      expect(message).toMatchObject({ content: Buffer.from(body), properties: { headers: { at: atByte } } });
      expect(split.struckCount).toBe(1);
    }
  });

  test("of one user, every other write", async () => {
    const { faults } = scene.broker;
    const others = faults.splitFrames({ user: "other", pieceBytes: 7, every: 2 });
    const mine = faults.splitFrames({ user: "nobody" });
    const elsewhere = faults.splitFrames({ vhost: "v" });
    const channel = await (await scene.dial("other")).createChannel();
    await Promise.all(publishAll(await scene.confirmChannel(), ["1"]));
    expect(await take(channel, 1)).toHaveLength(1);
    expect(others.struckCount).toBeGreaterThan(0);
    expect([mine.struckCount, elsewhere.struckCount]).toEqual([0, 0]);
  });
});

test("a login is refused whatever the password, for whom it is told and as often", async () => {
  const refused = scene.broker.faults.refuseLogins({ user: "other", times: 1 });
  await expect(scene.dial("other")).rejects.toThrow("403 (ACCESS-REFUSED)");
  await expect(scene.dial("other")).resolves.toBeDefined();
  await expect(scene.dial()).resolves.toBeDefined();
  expect(refused.struckCount).toBe(1);
});

test("a connection is reset before its first byte, and the next one is taken", async () => {
  const connected = scene.broker.connections.length;
  const refused = scene.broker.faults.refuseConnections({ times: 1 });
  const socket = connect(scene.broker.port, "127.0.0.1");
  const [error] = await once(socket, "error");
  expect(error).toMatchObject({ code: "ECONNRESET" });
  expect(refused.struckCount).toBe(1);
  await scene.dial();
  expect(scene.broker.connections).toHaveLength(connected + 1);
});
