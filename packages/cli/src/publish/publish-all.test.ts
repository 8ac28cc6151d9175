import { type Confirmation, ConnectionError, PublishError } from "@warren/message";
import { describe, expect, test } from "vitest";
import { publishAll, type PublishAllOptions, type Settled } from "./publish-all.ts";
import type { Outgoing } from "./read-messages.ts";

const options: PublishAllOptions = {
  maxInFlight: 10,
  maxInFlightBytes: 1_000,
  signal: new AbortController().signal,
};

const confirmed: Confirmation = { status: "confirmed", messageId: "m", latencyMs: 1, attempts: 1 };
const returned = {
  status: "returned",
  stored: "no",
  messageId: "m",
  replyCode: 312,
  replyText: "NO_ROUTE",
} as const;

async function* messages(count: number): AsyncGenerator<Outgoing> {
  for (let n = 1; n <= count; n++)
    yield { publishing: { exchange: "", routingKey: String(n), body: Buffer.from("x") } };
}

describe("publishAll", () => {
  test("tells what became of each message, by its place in the input", async () => {
    const results: Settled[] = [];
    const publish = async ({ routingKey }: { routingKey: string }) => {
      if (routingKey === "2") throw new PublishError("PUBLISH_RETURNED", "no queue", returned);
      if (routingKey === "3") throw new ConnectionError("CONNECTION_CLOSED", "closed");
      return confirmed;
    };
    await publishAll(messages(3), publish, (result) => void results.push(result), options);
    expect(results.toSorted((a, b) => a.seq - b.seq).map(({ confirmation }) => confirmation)).toEqual([
      confirmed,
      returned,
      expect.objectContaining({ status: "refused", stored: "no" }),
    ]);
  });

  test("keeps no more in flight than the window, also when the results are slow to be written", async () => {
    let inFlight = 0;
    let most = 0;
    const publish = () => {
      most = Math.max(most, ++inFlight);
      return Promise.resolve(confirmed);
    };
    const settled = async () => {
      await new Promise(setImmediate);
      inFlight--;
    };
    await publishAll(messages(50), publish, settled, { ...options, maxInFlight: 4 });
    expect(most).toBe(4);
  });

  test("an input that fails is told once those before it are settled", async () => {
    const results: Settled[] = [];
    async function* failing(): AsyncGenerator<Outgoing> {
      yield* messages(2);
      throw new Error("line 3");
    }
    const run = publishAll(
      failing(),
      () => Promise.resolve(confirmed),
      (result) => void results.push(result),
      options,
    );
    await expect(run).rejects.toThrow("line 3");
    expect(results).toHaveLength(2);
  });

  test("results that cannot be written end the run, and no message is left unsettled", async () => {
    let published = 0;
    const publish = () => {
      published++;
      return Promise.resolve(confirmed);
    };
    const full = () => Promise.reject(new Error("disk full"));
    await expect(publishAll(messages(1_000), publish, full, options)).rejects.toThrow("disk full");
    expect(published).toBeLessThan(30);
  });

  test("an abort ends the reading and waits for what is in flight", async () => {
    const abort = new AbortController();
    const results: Settled[] = [];
    const publish = async ({ routingKey }: { routingKey: string }) => {
      if (routingKey === "3") abort.abort();
      await new Promise(setImmediate);
      return confirmed;
    };
    await publishAll(messages(10), publish, (result) => void results.push(result), {
      ...options,
      signal: abort.signal,
    });
    expect(results).toHaveLength(3);
  });
});
