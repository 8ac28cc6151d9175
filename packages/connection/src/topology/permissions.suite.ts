import { BrokerError } from "@warren/message";
import type { RabbitMqNode } from "@warren/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { declareTopology } from "./declare-topology.ts";
import { defineTopology } from "./define-topology.ts";
import { type LivePort, livePort } from "./live-port.test-support.ts";
import { planTopology } from "./plan-topology.ts";
import type { Topology } from "./topology.ts";

/** What a user hears who may not do everything. The node must be the test's own. */
export function permissionsSuite(node: () => RabbitMqNode): void {
  const user = "limited";
  let admin: LivePort;
  let limited: LivePort;

  beforeAll(async () => {
    await node().addUser({ name: user, password: "limited" });
    admin = await livePort(node().url);
    limited = await livePort(`amqp://${user}:limited@127.0.0.1:${node().port}`);
  });
  afterAll(async () => {
    await limited.close();
    await admin.close();
  });

  async function refused(topology: Topology): Promise<BrokerError> {
    const error: unknown = await declareTopology(limited, topology, "create").catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(BrokerError);
    expect(error).toMatchObject({ code: "BROKER_ACCESS_REFUSED", replyCode: 403 });
    return error as BrokerError;
  }

  describe("a missing permission is named", () => {
    it("configure, on the exchange or queue that is declared", async () => {
      await node().setPermissions(user, { configure: "^mine" });
      const exchange = await refused(defineTopology({ exchanges: { theirs: { type: "topic" } } }));
      expect(exchange.sentence).toMatch(
        /^user "limited" needs configure permission on exchange "theirs" in vhost "\/" to declare exchange "theirs"; /,
      );
      const queue = await refused(
        defineTopology({ queues: { theirs: { deadLetter: false, retry: false } } }),
      );
      expect(queue.sentence).toMatch(/^user "limited" needs configure permission on queue "theirs"/);
      expect(queue.context).toMatchObject({
        permission: "configure",
        resource: "queue",
        name: "theirs",
        user,
      });
    });

    it("write on amq.default, which dead letters need", async () => {
      await node().setPermissions(user, { write: "^mine" });
      const topology = admin.owns(defineTopology({ queues: { mine: { retry: false } } }));
      const error = await refused(topology);
      expect(error.sentence).toContain(`needs write permission on exchange "amq.default"`);
    });

    it("read on the queue, which dead letters need too", async () => {
      await node().setPermissions(user, { read: "^theirs" });
      const error = await refused(
        defineTopology({ queues: { mine: { retry: false, deadLetter: { queue: "mine.too" } } } }),
      );
      expect(error.sentence).toMatch(/needs (configure and )?read permission on queue "mine"/);
      await admin.channel.deleteQueue("mine.too");
    });

    it("read on the source of a binding, and write on its destination", async () => {
      const topology = admin.owns(
        defineTopology({
          exchanges: { source: { type: "topic" } },
          queues: {
            target: { deadLetter: false, retry: false, bindings: [{ exchange: "source", routingKey: "#" }] },
          },
        }),
      );
      await node().setPermissions(user, { read: "^target" });
      expect((await refused(topology)).sentence).toContain(`needs read permission on exchange "source"`);
      await node().setPermissions(user, { write: "^source" });
      expect((await refused(topology)).sentence).toContain(`needs write permission on queue "target"`);
    });
  });

  it("check needs no configure permission, and a plan says what it could not compare", async () => {
    const topology = admin.owns(defineTopology({ queues: { seen: { deadLetter: false, retry: false } } }));
    await declareTopology(admin, topology, "create");
    await node().setPermissions(user, { configure: "^$" });
    await expect(declareTopology(limited, topology, "check")).resolves.toBeUndefined();
    const plan = await planTopology(limited, topology);
    expect(plan.entries).toEqual([
      expect.objectContaining({
        name: "seen",
        action: "unknown",
        reason: expect.stringContaining("ACCESS_REFUSED"),
      }),
    ]);
  });
}
