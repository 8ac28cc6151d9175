import { randomBytes } from "node:crypto";
import { BrokerError } from "@warren/message";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { declareTopology } from "./declare-topology.ts";
import type { BuiltinExchange, QueueDefinition } from "./definition.ts";
import { defineTopology } from "./define-topology.ts";
import { type LivePort, livePort } from "./live-port.test-support.ts";
import type { Topology } from "./topology.ts";

type Settings = QueueDefinition<BuiltinExchange>;

/** What declaring does on a live broker, of any version. */
export function declareTopologySuite(url: () => string): void {
  let port: LivePort;
  beforeAll(async () => (port = await livePort(url())));
  afterAll(() => port.close());

  async function refused(promise: Promise<unknown>): Promise<BrokerError> {
    const error = await promise.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(BrokerError);
    return error as BrokerError;
  }

  /** One queue of that definition, under a name of its own or the given one. */
  function oneQueue(definition: Settings, name = port.name()): Topology {
    return port.owns(defineTopology({ queues: { [name]: definition } }));
  }

  describe("declareTopology", () => {
    it("declares every kind of exchange and queue that the options can say", async () => {
      const [all, eu, rest, failed] = [port.name(), port.name(), port.name(), port.name()];
      const topology = port.owns(
        defineTopology({
          exchanges: {
            [all]: { type: "topic", alternateExchange: rest },
            [eu]: { type: "headers", internal: true, bindings: [{ exchange: all, routingKey: "*.eu" }] },
            [rest]: { type: "fanout", autoDelete: true },
            [failed]: { type: "direct" },
          },
          queues: {
            [port.name()]: {
              bindings: [
                { exchange: all, routingKey: "#" },
                { exchange: eu, arguments: { "x-match": "any", kind: "x" } },
              ],
              maxLength: 1_000,
              maxLengthBytes: 1_000_000,
              messageTtlMs: 315_360_000_000,
              expiresMs: 315_360_000_000,
              deliveryLimit: 5,
              singleActiveConsumer: true,
              leaderLocator: "balanced",
              initialGroupSize: 1,
            },
            [port.name()]: {
              deadLetter: { exchange: failed, routingKey: "dead" },
              retry: false,
              overflow: "reject-publish",
            },
            [port.name()]: { deadLetter: false, overflow: "drop-head", maxLength: 10 },
            [port.name()]: { type: "classic", maxPriority: 10, overflow: "reject-publish-dlx", maxLength: 5 },
            [port.name()]: {
              type: "classic",
              lazy: true,
              queueVersion: 2,
              retry: { delaysMs: [100, 100, 200] },
            },
            [port.name()]: { type: "classic", exclusive: true },
            [port.name()]: { type: "classic", autoDelete: true, bindings: [{ exchange: rest }] },
            [port.name()]: {
              type: "stream",
              maxAge: "7D",
              maxLengthBytes: 1_000_000_000,
              maxSegmentSizeBytes: 1_000_000,
              filterSizeBytes: 32,
              initialClusterSize: 1,
              leaderLocator: "client-local",
            },
          },
        }),
      );
      await expect(declareTopology(port, topology, "create")).resolves.toBeUndefined();
      await expect(declareTopology(port, topology, "check")).resolves.toBeUndefined();
    });

    it("changes nothing when it is called again", async () => {
      const queue = port.name();
      const topology = oneQueue({ maxLength: 5 }, queue);
      await declareTopology(port, topology, "create");
      port.channel.sendToQueue(queue, Buffer.from("kept"), { persistent: true });
      await port.channel.waitForConfirms();
      await declareTopology(port, topology, "create");
      await expect(port.channel.checkQueue(queue)).resolves.toMatchObject({ messageCount: 1 });
    });

    it("does nothing in mode none", async () => {
      const topology = oneQueue({});
      await declareTopology(port, topology, "none");
      const error = await refused(declareTopology(port, topology, "check"));
      expect(error.code).toBe("BROKER_NOT_FOUND");
    });

    it("lists everything that is missing in mode check", async () => {
      const [there, gone] = [port.name(), port.name()];
      await declareTopology(port, oneQueue({ retry: false }, there), "create");
      const both = defineTopology({
        queues: { [there]: { retry: false }, [gone]: { retry: { delaysMs: [500] } } },
      });
      const error = await refused(declareTopology(port, both, "check"));
      expect(error.context["missing"]).toEqual([
        `queue "${gone}.dead"`,
        `queue "${gone}"`,
        `queue "${gone}.retry.500"`,
      ]);
      expect(error.sentence).toContain(`declare: "create"`);
    });

    it("says what the broker does not accept", async () => {
      const topology = oneQueue({ arguments: { "x-queue-master-locator": "client-local" } });
      const error = await refused(declareTopology(port, topology, "create"));
      expect(error.code).toBe("BROKER_PRECONDITION_FAILED");
      expect(error.sentence).toContain("does not accept x-queue-master-locator");
    });

    it("names an exchange type that the broker does not know", async () => {
      await using other = await livePort(url());
      const topology = defineTopology({ exchanges: { [port.name()]: { type: "x-nothing" } } });
      await expect(declareTopology(other, topology, "create")).rejects.toMatchObject({
        // 3.x closes the connection, 4.x the channel.
        sentence: expect.stringMatching(/exchange type ["']x-nothing["']/),
      });
    });

    it("[B10] says that another connection holds the queue", async () => {
      const topology = oneQueue({ type: "classic", exclusive: true });
      const other = await livePort(url());
      await declareTopology(other, topology, "create");
      const error = await refused(declareTopology(port, topology, "create"));
      expect(error.code).toBe("BROKER_RESOURCE_LOCKED");
      await other.close();
    });
  });

  describe("drift", () => {
    const sharedDead = `warren-topology-${randomBytes(6).toString("hex")}.dead`;
    const base: Settings = { retry: false, deadLetter: { queue: sharedDead } };
    const differing: readonly (readonly [string, Settings, Settings, unknown, unknown])[] = [
      ["x-message-ttl", { messageTtlMs: 5_000 }, { messageTtlMs: 6_000 }, 6_000, 5_000],
      ["x-message-ttl", {}, { messageTtlMs: 6_000 }, 6_000, undefined],
      ["x-message-ttl", { messageTtlMs: 5_000 }, {}, undefined, 5_000],
      ["x-expires", { expiresMs: 500_000 }, {}, undefined, 500_000],
      ["x-max-length", { maxLength: 1 }, { maxLength: 2 }, 2, 1],
      ["x-max-length-bytes", { maxLengthBytes: 1 }, {}, undefined, 1],
      ["x-delivery-limit", { deliveryLimit: 7 }, {}, 20, 7],
      ["x-single-active-consumer", { singleActiveConsumer: true }, {}, undefined, true],
      ["x-queue-leader-locator", { leaderLocator: "balanced" }, {}, undefined, "balanced"],
      [
        "x-queue-leader-locator",
        { leaderLocator: "balanced" },
        { leaderLocator: "client-local" },
        "client-local",
        "balanced",
      ],
      ["x-quorum-initial-group-size", { initialGroupSize: 1 }, {}, undefined, 1],
    ];

    it.for(differing)("names %s when it differs", async ([argument, before, after, wanted, actual]) => {
      const name = port.name();
      await declareTopology(port, oneQueue({ ...base, ...before }, name), "create");
      const error = await refused(
        declareTopology(port, defineTopology({ queues: { [name]: { ...base, ...after } } }), "create"),
      );
      expect(error.code).toBe("TOPOLOGY_DRIFT");
      expect(error.context["drifts"]).toEqual([
        {
          kind: "queue",
          name,
          found: "different",
          differences: [{ argument, wanted, actual }],
          complete: true,
        },
      ]);
    });

    it("[B11] tells every argument of every entry at once, and declares nothing more", async () => {
      const [queue, other, exchange, later] = [port.name(), port.name(), port.name(), port.name()];
      port.owns(
        defineTopology({
          exchanges: { [exchange]: { type: "topic", alternateExchange: "amq.fanout" } },
          queues: {
            [queue]: { ...base, type: "classic", deadLetter: false, maxLength: 4 },
            [other]: { ...base, messageTtlMs: 1 },
          },
        }),
      );
      await port.channel.assertExchange(exchange, "topic", {
        durable: true,
        alternateExchange: "amq.fanout",
      });
      await port.channel.assertQueue(queue, {
        durable: true,
        arguments: { "x-queue-type": "classic", "x-max-length": 4 },
      });
      await declareTopology(port, oneQueue({ ...base, messageTtlMs: 1 }, other), "create");
      const error = await refused(
        declareTopology(
          port,
          defineTopology({
            exchanges: { [exchange]: { type: "direct", durable: false } },
            queues: {
              [queue]: { retry: false, deadLetter: { queue: other } },
              [other]: { ...base, messageTtlMs: 2 },
              [later]: base,
            },
          }),
          "create",
        ),
      );
      expect(error.code).toBe("TOPOLOGY_DRIFT");
      const drifts = error.context["drifts"] as { name: string; differences: { argument: string }[] }[];
      expect(
        drifts.map((drift) => [drift.name, drift.differences.map((each) => each.argument).sort()]),
      ).toEqual([
        [exchange, ["alternate-exchange", "durable", "type"]],
        [other, ["x-message-ttl"]],
        [
          queue,
          [
            "x-dead-letter-exchange",
            "x-dead-letter-routing-key",
            "x-max-length",
            "x-overflow",
            "x-queue-type",
          ],
        ],
      ]);
      expect(error.sentence).toContain(`queue "${other}": x-message-ttl wanted 2, actual 1`);
      expect(error.message).not.toContain("inequivalent");
      await expect(refused(declareTopology(port, oneQueue(base, later), "check"))).resolves.toMatchObject({
        code: "BROKER_NOT_FOUND",
      });
    });
  });
}
