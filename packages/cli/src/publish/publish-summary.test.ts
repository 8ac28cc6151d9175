import { BrokerError, type Confirmation, ConnectionError } from "@warren/message";
import { describe, expect, test } from "vitest";
import type { ExitCode } from "../exit-code.ts";
import { PublishSummary } from "./publish-summary.ts";

const messageId = "m";
const missing = new BrokerError("BROKER_NOT_FOUND", "no exchange", {
  replyCode: 404,
  replyText: "NOT_FOUND",
  scope: "channel",
});
const gone = new ConnectionError("CONNECTION_CLOSED", "closed");

const outcomes: Readonly<Record<string, Confirmation>> = {
  confirmed: { status: "confirmed", messageId, latencyMs: 2, attempts: 1 },
  returned: { status: "returned", messageId, stored: "no", replyCode: 312, replyText: "NO_ROUTE" },
  nacked: { status: "nacked", messageId, stored: "maybe" },
  refused: { status: "refused", messageId, stored: "no", error: missing },
  late: { status: "timed-out", messageId, stored: "maybe", afterMs: 30_000 },
  unsent: { status: "timed-out", messageId, stored: "no", afterMs: 30_000 },
  unknown: { status: "unknown", messageId, stored: "maybe", error: gone },
};

function summaryOf(...names: string[]): PublishSummary {
  const summary = new PublishSummary();
  for (const name of names) summary.add(outcomes[name]!);
  return summary;
}

describe("PublishSummary", () => {
  test.each<[string, ExitCode, ExitCode]>([
    ["", 0, 0],
    ["confirmed confirmed", 0, 0],
    ["confirmed returned", 4, 3],
    ["returned nacked confirmed", 5, 3],
    ["nacked late returned", 6, 6],
    ["returned unknown", 6, 6],
    ["refused", 66, 66],
    ["refused returned", 4, 4],
    ["unsent confirmed", 75, 3],
    ["unsent late", 6, 6],
  ])("%s: exits with %i, with --partial-ok with %i", (names, exit, partial) => {
    const summary = summaryOf(...names.split(" ").filter(Boolean));
    expect(summary.exitCode({ partialOk: false })).toBe(exit);
    expect(summary.exitCode({ partialOk: true })).toBe(partial);
  });

  test("tells counts, rate and latencies", () => {
    const summary = summaryOf("confirmed", "confirmed", "returned");
    expect(summary.report(0.5)).toMatchInlineSnapshot(`
      {
        "confirmP50Ms": 2,
        "confirmP99Ms": 2,
        "outcomes": {
          "confirmed": 2,
          "nacked": 0,
          "refused": 0,
          "returned": 1,
          "timed-out": 0,
          "unknown": 0,
        },
        "perSecond": 6,
        "published": 3,
        "seconds": 0.5,
        "v": 1,
      }
    `);
    expect(summary.text(0.5)).toMatchInlineSnapshot(
      `"3 published: 2 confirmed, 1 returned; 0.5 s, 6/s, confirm p50 2 ms, p99 2 ms"`,
    );
  });

  test("nothing confirmed has no latency", () => {
    expect(summaryOf("returned").report(1)).not.toHaveProperty("confirmP50Ms");
    expect(summaryOf("returned").text(1)).toBe("1 published: 0 confirmed, 1 returned; 1 s, 1/s");
  });
});
