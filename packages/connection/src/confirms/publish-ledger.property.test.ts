import assert from "node:assert/strict";
import { ConnectionError } from "@warren/message";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  crashingExchange,
  type FakeChannel,
  missingExchange,
  type Written,
} from "./fake-broker.test-support.ts";
import { LedgerBench } from "./ledger-bench.test-support.ts";

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("publish" as const),
      count: fc.integer({ min: 1, max: 8 }),
      exchange: fc.oneof(
        { weight: 6, arbitrary: fc.constant("") },
        { weight: 1, arbitrary: fc.constantFrom(missingExchange, crashingExchange) },
      ),
      routingKey: fc.constantFrom("q", "q", "q", "nowhere"),
      replay: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, fc.constant(false)),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("process" as const), count: fc.nat(12) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("confirm" as const),
      at: fc.nat(20),
      multiple: fc.boolean(),
      positive: fc.oneof({ weight: 6, arbitrary: fc.constant(true) }, fc.constant(false)),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("lose" as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("up" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("block" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("unblock" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("congest" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("drain" as const) }) },
);
const disturbance = fc.oneof(
  fc.record({ kind: fc.constant("advance" as const), ms: fc.nat(40_000) }),
  fc.record({ kind: fc.constant("giveUp" as const), at: fc.nat(200) }),
);

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
type Disturbance = typeof disturbance extends fc.Arbitrary<infer D> ? D : never;

const maxInFlight = 7;

/** Drives a ledger through the steps, checking at each what must hold at every moment. */
class Run {
  readonly bench = new LedgerBench({ maxInFlight });
  readonly channels: FakeChannel[] = [];
  /** Message ids that the fake broker has taken on. */
  readonly stored = new Set<string>();
  readonly handles: ReturnType<LedgerBench["publish"]>[] = [];
  #blocked = false;

  get live(): FakeChannel | undefined {
    const last = this.channels.at(-1);
    return last?.open === true ? last : undefined;
  }

  async take(each: Step | Disturbance): Promise<void> {
    const { bench, live } = this;
    switch (each.kind) {
      case "publish":
        if (bench.ledger.refusal(1) === undefined) this.handles.push(...bench.publishMany(each.count, each));
        break;
      case "process":
        this.process(each.count);
        break;
      case "confirm": {
        const message = [...(live?.unanswered ?? [])][each.at];
        if (message !== undefined) live!.confirm(message, each.multiple, each.positive);
        break;
      }
      case "lose":
        live?.close();
        break;
      case "up":
        if (live === undefined) this.channels.push(bench.up());
        break;
      case "block":
        this.#blocked = true;
        bench.ledger.pause();
        break;
      case "unblock":
        if (this.#blocked) bench.ledger.resume();
        this.#blocked = false;
        break;
      case "congest":
        if (live !== undefined) live.congested = true;
        break;
      case "drain":
        live?.drain();
        break;
      case "advance":
        bench.advance(each.ms);
        break;
      case "giveUp": {
        const handle = this.handles[each.at];
        if (handle !== undefined)
          bench.ledger.giveUp(handle, new ConnectionError("CONNECTION_CLOSED", "enough"));
        break;
      }
    }
    await bench.checkedAll();
    this.#check();
  }

  process(count: number): void {
    for (const { messageId, routingKey } of this.live?.process(count) ?? [])
      if (routingKey !== "nowhere") this.stored.add(messageId!);
  }

  /** Reconnects and confirms until nothing is left. */
  async finish(): Promise<void> {
    await this.take({ kind: "unblock" });
    for (let turn = 0; this.bench.ledger.unsettledCount > 0; turn++) {
      assert.ok(turn < 10_000, "it never ends");
      await this.take({ kind: "up" });
      await this.take({ kind: "drain" });
      this.process(Infinity);
      for (const message of this.live?.unanswered ?? []) this.live?.confirm(message);
      await this.bench.checkedAll();
    }
  }

  #check(): void {
    const { ledger, statuses } = this.bench;
    assert.ok(ledger.inFlightCount <= maxInFlight);
    assert.equal(statuses.filter((status) => status === undefined).length, ledger.unsettledCount);
    assert.equal(ledger.unsettledBytes, ledger.unsettledCount);
    for (const channel of this.channels) assert.ok(isAscending(channel.written));
  }

  /** What the outcomes claim about the broker's store. */
  checkTruth(): void {
    for (const [number, [outcome]] of this.bench.outcomes) {
      const isStored = this.stored.has(`m-${number}`);
      if (outcome!.status === "confirmed") assert.ok(isStored);
      else if (outcome!.stored === "no") assert.ok(!isStored);
    }
  }
}

/** What has to become of it when the broker is there in the end. */
function endOf({ exchange, routingKey }: { readonly exchange: string; readonly routingKey: string }) {
  if (exchange === missingExchange) return "refused" as const;
  if (exchange === crashingExchange) return "unknown" as const;
  return routingKey === "nowhere" ? ("returned" as const) : ("confirmed" as const);
}

/** On every channel replays come before anything newer, in the order of the calls: so first copies never swap. */
function isAscending(written: readonly Written[]): boolean {
  const numbers = written.map(({ messageId }) => Number(messageId!.slice(2)));
  return numbers.every((number, at) => at === 0 || numbers[at - 1]! < number);
}

test("whatever happens, each publish settles once, the window holds, the order is kept and stored is true", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof({ weight: 6, arbitrary: step }, disturbance), { maxLength: 80 }),
      async (steps) => {
        const run = new Run();
        for (const each of steps) await run.take(each);
        run.bench.ledger.end(new ConnectionError("CONNECTION_CLOSED", "closed"));
        expect(run.bench.statuses).not.toContain(undefined);
        run.checkTruth();
      },
    ),
    { numRuns: 1_000 },
  );
}, 30_000);

test("without deadlines everything that can be stored is confirmed, and only what cannot is refused", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const run = new Run();
      const expected: ("confirmed" | "returned" | "refused" | "unknown")[] = [];
      for (const each of steps) {
        if (each.kind === "publish" && run.bench.ledger.refusal(1) === undefined)
          for (let at = 0; at < each.count; at++) expected.push(endOf(each));
        await run.take(each.kind === "publish" ? { ...each, replay: true } : each);
      }
      await run.finish();
      // A nack is the broker's own choice; a refusal leaves open what became of a copy before a loss.
      const statuses = run.bench.statuses.map((status, at) =>
        status === "nacked" || (status === "unknown" && expected[at] === "refused") ? expected[at] : status,
      );
      expect(statuses).toEqual(expected);
      run.checkTruth();
    }),
    { numRuns: 1_000 },
  );
}, 30_000);
