import { describe, expect, it } from "vitest";
import { formatPlan } from "./format-plan.ts";
import type { Plan } from "./plan.ts";

const empty: Plan = { source: "amqp", entries: [], warnings: [], notes: [], quorumQueueCount: 0 };

describe("formatPlan", () => {
  it("prints entries, differences, the sum, the cost, notes and warnings", () => {
    const text = formatPlan({
      source: "amqp",
      entries: [
        { kind: "exchange", name: "orders", action: "unchanged" },
        {
          kind: "queue",
          name: "billing",
          action: "changed",
          differences: [{ argument: "x-message-ttl", wanted: 5, actual: undefined }],
          complete: false,
        },
        { kind: "queue", name: "billing.dead", action: "create" },
        {
          kind: "binding",
          name: `binding of queue "billing"`,
          action: "unknown",
          reason: "AMQP cannot look at bindings",
        },
      ],
      warnings: [{ path: "queues.billing", text: "something surprising" }],
      notes: ["AMQP tells nothing about bindings"],
      quorumQueueCount: 1,
    });
    expect(text).toBe(`unchanged  exchange "orders"
changed    queue "billing"
           x-message-ttl wanted 5, actual none
           and perhaps more
create     queue "billing.dead"
unknown    binding of queue "billing": AMQP cannot look at bindings

1 create, 1 changed, 1 unchanged, 1 unknown
1 quorum queue, about 100 KiB of the broker's memory when empty
AMQP tells nothing about bindings

warnings:
  queues.billing: something surprising`);
  });

  it("says that an empty topology declares nothing", () => {
    expect(formatPlan(empty)).toBe("nothing to declare");
  });

  it("lets no control character of a broker's name reach the terminal", () => {
    const evil = {
      kind: "binding",
      name: "\u001b]0;owned\u0007\u009b31m",
      action: "extra",
      reason: "x",
    } as const;
    expect(formatPlan({ ...empty, entries: [evil] })).toContain(
      "extra      \\u001b]0;owned\\u0007\\u009b31m: x",
    );
  });
});
