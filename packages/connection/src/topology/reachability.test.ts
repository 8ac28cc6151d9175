import { describe, expect, it } from "vitest";
import { defineTopology } from "./define-topology.ts";
import { canReach } from "./reachability.ts";

const { queues } = defineTopology({
  exchanges: {
    orders: { type: "topic", alternateExchange: "unrouted" },
    commands: { type: "direct" },
    audit: { type: "fanout" },
    tagged: { type: "headers" },
    eu: { type: "topic", bindings: [{ exchange: "orders", routingKey: "*.eu" }] },
    unrouted: { type: "fanout" },
    failed: { type: "direct" },
  },
  queues: {
    billing: { bindings: [{ exchange: "orders", routingKey: "order.placed.*" }] },
    jobs: { bindings: [{ exchange: "commands", routingKey: "run" }], deadLetter: { exchange: "failed" } },
    log: { bindings: [{ exchange: "audit" }, { exchange: "tagged", arguments: { "x-match": "any", a: 1 } }] },
    european: { bindings: [{ exchange: "eu", routingKey: "#" }] },
    lost: { bindings: [{ exchange: "unrouted" }] },
    failures: { bindings: [{ exchange: "failed", routingKey: "x" }] },
    loose: {},
  },
});

describe("canReach", () => {
  it("compares a message's pattern with a topic binding", () => {
    expect(canReach(queues.billing, "orders", "order.placed.*")).toBe(true);
    expect(canReach(queues.billing, "orders", "order.cancelled.*")).toBe(false);
  });

  it("compares the exact key of a direct binding", () => {
    expect(canReach(queues.jobs, "commands", "run")).toBe(true);
    expect(canReach(queues.jobs, "commands", "stop")).toBe(false);
  });

  it("lets every key through a fanout or headers exchange", () => {
    expect(canReach(queues.log, "audit", "whatever")).toBe(true);
    expect(canReach(queues.log, "tagged", "")).toBe(true);
  });

  it("knows that the default exchange reaches each queue by its name", () => {
    expect(canReach(queues.billing, "", "billing")).toBe(true);
    expect(canReach(queues.billing, "", "jobs")).toBe(false);
  });

  it("follows bindings between exchanges, alternate exchanges and dead letters", () => {
    expect(canReach(queues.european, "orders", "anything")).toBe(true);
    expect(canReach(queues.lost, "orders", "anything")).toBe(true);
    expect(canReach(queues.failures, "commands", "run")).toBe(true);
    expect(canReach(queues.failures, "orders", "run")).toBe(false);
  });

  it("takes a queue without bindings for one that is bound elsewhere", () => {
    expect(canReach(queues.loose, "orders", "order.placed.eu")).toBe(true);
  });

  it("says no to an exchange that feeds the queue in no way", () => {
    expect(canReach(queues.billing, "commands", "run")).toBe(false);
    expect(canReach(queues.billing, "elsewhere", "run")).toBe(false);
  });
});
