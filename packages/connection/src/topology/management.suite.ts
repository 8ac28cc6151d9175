import type { RabbitMqNode } from "@warren/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { declareTopology } from "./declare-topology.ts";
import { defineTopology } from "./define-topology.ts";
import { formatPlan } from "./format-plan.ts";
import { type LivePort, livePort } from "./live-port.test-support.ts";
import type { ManagementOptions } from "./management-api.ts";
import { planTopology } from "./plan-topology.ts";

/** What a plan with the management API says. The node needs its plugin. */
export function managementSuite(node: () => RabbitMqNode): void {
  let port: LivePort;
  beforeAll(async () => (port = await livePort(node().url)));
  afterAll(() => port.close());
  const management = (): ManagementOptions => ({ url: node().managementUrl! });

  describe("planTopology with the management API", () => {
    it("says create for everything, then unchanged for everything", async () => {
      const [exchange, sub, queue, old] = [port.name(), port.name(), port.name(), port.name()];
      const topology = port.owns(
        defineTopology({
          exchanges: {
            [exchange]: { type: "topic", alternateExchange: "amq.fanout" },
            [sub]: { type: "headers", bindings: [{ exchange, routingKey: "a.#" }] },
          },
          queues: {
            [queue]: {
              messageTtlMs: 5_000,
              bindings: [
                { exchange, routingKey: "#" },
                { exchange: sub, arguments: { "x-match": "any", kind: "x" } },
              ],
            },
            [old]: { type: "classic", maxPriority: 3, retry: false, deadLetter: false },
          },
        }),
      );
      const before = await planTopology(port, topology, management());
      expect(new Set(before.entries.map(({ action }) => action))).toEqual(new Set(["create"]));
      await declareTopology(port, topology, "create");
      const after = await planTopology(port, topology, management());
      expect(after.entries.filter(({ action }) => action !== "unchanged")).toEqual([]);
      expect(after.entries).toHaveLength(before.entries.length);
      expect(after.notes).toEqual([]);
    });

    it("says changed with every argument, and extra for what an earlier topology has left", async () => {
      const [exchange, queue] = [port.name(), port.name()];
      const before = port.owns(
        defineTopology({
          exchanges: { [exchange]: { type: "topic" } },
          queues: {
            [queue]: {
              bindings: [{ exchange, routingKey: "old" }],
              retry: { delaysMs: [111] },
              maxLength: 9,
            },
          },
        }),
      );
      await declareTopology(port, before, "create");
      const plan = await planTopology(
        port,
        defineTopology({
          exchanges: { [exchange]: { type: "topic", durable: false } },
          queues: {
            [queue]: {
              bindings: [{ exchange, routingKey: "new" }],
              retry: { delaysMs: [222] },
              messageTtlMs: 8,
            },
          },
        }),
        management(),
      );
      const text = formatPlan(plan).replaceAll(exchange, "EXCHANGE").replaceAll(queue, "QUEUE");
      expect(text.split("\n\nwarnings:")[0]).toBe(
        `changed    exchange "EXCHANGE"
           durable wanted false, actual true
unchanged  queue "QUEUE.dead"
changed    queue "QUEUE"
           x-message-ttl wanted 8, actual none
           x-max-length wanted none, actual 9
create     queue "QUEUE.retry.222"
create     binding of queue "QUEUE" to exchange "EXCHANGE" with key "new"
extra      queue "QUEUE.retry.111": it belonged to queue "QUEUE", which no longer uses it
extra      binding of queue "QUEUE" to exchange "EXCHANGE" with key "old": bound by something else, or by an earlier topology; it still brings messages

2 create, 2 changed, 1 unchanged, 2 extra
3 quorum queues, about 300 KiB of the broker's memory when empty`,
      );
    });

    it("names a wrong password and an unknown virtual host, without the password", async () => {
      const topology = defineTopology({});
      const url = new URL(node().managementUrl!);
      url.password = "s3cret";
      const refused = await planTopology(port, topology, { url: url.href }).catch((error: unknown) => error);
      expect(refused).toMatchObject({ code: "ACCESS_REFUSED" });
      expect(JSON.stringify(refused) + String((refused as Error).stack)).not.toContain("s3cret");
      await expect(planTopology(port, topology, { ...management(), vhost: "nowhere" })).rejects.toMatchObject(
        {
          code: "VHOST_NOT_FOUND",
        },
      );
    });
  });
}
