import type { BrokerError } from "@warren/message";
import type { DeclaringPort } from "./declaring-channel.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { declareTopology } from "./declare-topology.ts";
import { defineTopology } from "./define-topology.ts";
import { formatPlan } from "./format-plan.ts";
import { type LivePort, livePort } from "./live-port.test-support.ts";
import { planTopology } from "./plan-topology.ts";

/** What a plan over AMQP alone says, on a live broker of any version. */
export function planTopologySuite(url: () => string): void {
  let port: LivePort;
  beforeAll(async () => (port = await livePort(url())));
  afterAll(() => port.close());

  describe("planTopology over AMQP alone", () => {
    it("says create for everything, and creates nothing", async () => {
      const [exchange, queue] = [port.name(), port.name()];
      const topology = port.owns(
        defineTopology({
          exchanges: { [exchange]: { type: "topic" } },
          queues: { [queue]: { bindings: [{ exchange, routingKey: "#" }] } },
        }),
      );
      const plan = await planTopology(port, topology);
      expect(plan.entries.map(({ action }) => action)).toEqual(Array.from({ length: 7 }, () => "create"));
      const again = await planTopology(port, topology);
      expect(again).toEqual(plan);
      expect(formatPlan(plan)).toContain(
        "7 create\n5 quorum queues, about 500 KiB of the broker's memory when empty",
      );
    });

    it("says unchanged of what was declared, and that it cannot look at bindings", async () => {
      const [exchange, queue, log, old] = [port.name(), port.name(), port.name(), port.name()];
      const topology = port.owns(
        defineTopology({
          exchanges: { [exchange]: { type: "topic", alternateExchange: "amq.fanout" } },
          queues: {
            [queue]: { bindings: [{ exchange, routingKey: "#" }], leaderLocator: "balanced" },
            [log]: { type: "stream", maxAge: "1D" },
            [old]: { type: "classic", maxPriority: 3, retry: false },
          },
        }),
      );
      await declareTopology(port, topology, "create");
      const plan = await planTopology(port, topology);
      expect(plan.entries.filter(({ kind }) => kind !== "binding").map(({ action }) => action)).not.toContain(
        "create",
      );
      expect(plan.entries.filter(({ action }) => action !== "unchanged")).toEqual([
        expect.objectContaining({ kind: "binding", action: "unknown" }),
      ]);
      expect(plan.notes).toEqual([expect.stringContaining("management API")]);
    });

    it("says changed with every argument, also of other types, and leaves the queue as it is", async () => {
      const [exchange, queue] = [port.name(), port.name()];
      port.owns(
        defineTopology({
          exchanges: { [exchange]: { type: "direct" } },
          queues: { [queue]: { deadLetter: false } },
        }),
      );
      await port.channel.assertExchange(exchange, "direct", { durable: true });
      await port.channel.assertQueue(queue, {
        durable: true,
        arguments: { "x-queue-type": "stream", "x-max-age": "1D", "x-max-length-bytes": 5_000_000 },
      });
      const topology = defineTopology({
        exchanges: { [exchange]: { type: "topic" } },
        queues: { [queue]: { deadLetter: false, retry: false, messageTtlMs: 7 } },
      });
      const plan = await planTopology(port, topology);
      expect(plan.entries).toEqual([
        {
          kind: "exchange",
          name: exchange,
          action: "changed",
          differences: [{ argument: "type", wanted: "topic", actual: "direct" }],
          complete: true,
        },
        {
          kind: "queue",
          name: queue,
          action: "changed",
          differences: [
            { argument: "x-max-length-bytes", wanted: undefined, actual: 5_000_000 },
            { argument: "x-queue-type", wanted: "quorum", actual: "stream" },
            { argument: "x-max-age", wanted: undefined, actual: "1D" },
          ],
          complete: true,
        },
      ]);
      expect(formatPlan(plan)).toContain(`x-max-age wanted none, actual "1D"`);
      await expect(planTopology(port, topology)).resolves.toEqual(plan);
    });

    it.for([
      [30, true],
      [150, false],
    ] as const)(
      "gets a value out of an answer cut at 255 bytes, with %i more characters: %s",
      async ([length, known]) => {
        const queue = `${port.name()}.${"x".repeat(length)}`;
        const before = port.owns(
          defineTopology({ queues: { [queue]: { retry: false, deadLetter: { queue: `${queue}.a` } } } }),
        );
        const after = defineTopology({
          queues: { [queue]: { retry: false, deadLetter: { queue: `${queue}.b` } } },
        });
        await declareTopology(port, before, "create");
        const plan = await planTopology(port, after);
        expect(plan.entries.find(({ name }) => name === queue)).toMatchObject({
          action: "changed",
          complete: known,
          differences: [
            {
              argument: "x-dead-letter-routing-key",
              wanted: `${queue}.b`,
              actual: known ? `${queue}.a` : "(too long for the broker's answer)",
            },
          ],
        });
        expect(formatPlan(plan).includes("and perhaps more")).toBe(!known);
      },
    );

    it("creates nothing either when an entity disappears between the two looks", async () => {
      const [exchange, quorum, classic, stream] = [port.name(), port.name(), port.name(), port.name()];
      const topology = port.owns(
        defineTopology({
          exchanges: { [exchange]: { type: "topic" } },
          queues: {
            [quorum]: { retry: false, deadLetter: false },
            [classic]: { type: "classic", retry: false, deadLetter: false },
            [stream]: { type: "stream", deadLetter: false, leaderLocator: "balanced" },
          },
        }),
      );
      const present = (): Promise<void> => Promise.resolve();
      const stale: DeclaringPort = {
        withChannel: (use) =>
          port.withChannel((channel) =>
            use({
              checkExchange: present,
              checkQueue: present,
              declareExchange: (...args) => channel.declareExchange(...args),
              declareQueue: (...args) => channel.declareQueue(...args),
              bindQueue: (...args) => channel.bindQueue(...args),
              bindExchange: (...args) => channel.bindExchange(...args),
            }),
          ),
      };
      const plan = await planTopology(stale, topology);
      expect(plan.entries.map(({ action }) => action)).toEqual(["create", "create", "create", "create"]);
      const error: unknown = await declareTopology(port, topology, "check").catch(
        (thrown: unknown) => thrown,
      );
      expect((error as BrokerError).context["missing"]).toHaveLength(4);
    });

    it("sees that the broker has the same text in another type", async () => {
      const queue = port.name();
      const topology = port.owns(
        defineTopology({ queues: { [queue]: { retry: false, deadLetter: false, deliveryLimit: 5 } } }),
      );
      const fields = { "x-queue-type": "quorum", "x-delivery-limit": "5" };
      await port.channel.assertQueue(queue, { durable: true, arguments: fields });
      const plan = await planTopology(port, topology);
      expect(plan.entries).toMatchObject([
        { differences: [{ argument: "x-delivery-limit", wanted: 5, actual: "5" }], complete: false },
      ]);
    });

    it("does not know another connection's exclusive queue", async () => {
      const queue = port.name();
      const topology = defineTopology({ queues: { [queue]: { type: "classic", exclusive: true } } });
      await using other = await livePort(url());
      await declareTopology(other, topology, "create");
      const plan = await planTopology(port, topology);
      expect(plan.entries).toEqual([
        expect.objectContaining({ action: "unknown", reason: expect.stringContaining("RESOURCE_LOCKED") }),
      ]);
    });
  });
}
