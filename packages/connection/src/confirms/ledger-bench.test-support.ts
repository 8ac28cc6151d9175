import type { BrokerError, Confirmation } from "@warren/message";
import { expect } from "vitest";
import { crashingExchange, FakeChannel, missingExchange, noExchange } from "./fake-broker.test-support.ts";
import type { NackedRoute } from "./nack-watch.ts";
import type { Outgoing } from "./outgoing.ts";
import { PublishLedger } from "./publish-ledger.ts";
import { Turns } from "./turns.ts";

export interface PublishInput {
  readonly exchange?: string;
  readonly routingKey?: string;
  readonly bodyBytes?: number;
  readonly replay?: boolean;
  readonly confirmTimeoutMs?: number;
  readonly deliveryTimeoutMs?: number;
}

/** A ledger with a clock and an exchange check that the test moves by hand. */
export class LedgerBench {
  nowMs = 0;
  dueAt: number = Infinity;
  silentCount = 0;
  /** The channels that were given up for another because of nacks. */
  readonly renewals: NackedRoute[] = [];
  readonly outcomes: Map<number, Confirmation[]> = new Map();
  readonly ledger: PublishLedger;
  readonly #checks: { readonly exchange: string; readonly answer: (error?: BrokerError) => void }[] = [];
  #published = 0;
  #channel: FakeChannel | undefined;

  constructor(
    limits: { maxInFlight?: number; maxWaiting?: number; whenFull?: "wait" | "refuse" } = {},
    turns: Turns = new Turns(),
  ) {
    this.ledger = new PublishLedger(
      { maxInFlight: 10, maxWaiting: 1_000, maxBufferBytes: 1_000_000, whenFull: "wait", ...limits },
      {
        trusted: ["", missingExchange, crashingExchange],
        check: (exchange) =>
          new Promise((resolve) => this.#checks.push({ exchange, answer: (error) => resolve(error) })),
      },
      turns,
      () => this.nowMs,
      {
        due: (atMs) => (this.dueAt = Math.min(this.dueAt, atMs)),
        written: () => undefined,
        settled: () => undefined,
        silent: () => (this.silentCount += 1),
        renew: (nacked) => {
          expect(this.ledger.inFlightCount).toBe(0);
          this.renewals.push(nacked);
          this.#channel?.close();
        },
      },
    );
  }

  /** Publishes and says by which number its outcome will be found. */
  publish(input: PublishInput = {}): Outgoing {
    const number = ++this.#published;
    this.outcomes.set(number, []);
    return this.ledger.accept(
      {
        fields: { exchange: input.exchange ?? "", routingKey: input.routingKey ?? "q", mandatory: true },
        properties: { messageId: `m-${number}` },
        body: Buffer.alloc(input.bodyBytes ?? 1),
        bytes: input.bodyBytes ?? 1,
      },
      {
        replay: input.replay ?? true,
        confirmTimeoutMs: input.confirmTimeoutMs ?? 30_000,
        startedAt: this.nowMs,
        deliverBy: this.nowMs + (input.deliveryTimeoutMs ?? 120_000),
      },
      (confirmation) => this.outcomes.get(number)!.push(confirmation),
    );
  }

  publishMany(count: number, input: PublishInput = {}): readonly Outgoing[] {
    return Array.from({ length: count }, () => this.publish(input));
  }

  /** @param socket the open channels of the same connection. */
  up(socket?: Set<FakeChannel>): FakeChannel {
    const channel = new FakeChannel(this.ledger, socket);
    this.#channel = channel;
    this.ledger.up(channel);
    return channel;
  }

  advance(ms: number): void {
    this.nowMs += ms;
    if (this.dueAt <= this.nowMs) this.dueAt = this.ledger.sweep(this.nowMs);
  }

  async checked(exchange: string, error?: BrokerError): Promise<void> {
    const at = this.#checks.findIndex((check) => check.exchange === exchange);
    this.#checks.splice(at, 1)[0]!.answer(error);
    await Promise.resolve();
    await Promise.resolve();
  }

  /** Every exchange that is being looked up is there, except the one that never is. */
  async checkedAll(): Promise<void> {
    const exchanges = this.#checks.map((check) => check.exchange);
    for (const exchange of exchanges)
      await this.checked(exchange, exchange === missingExchange ? noExchange() : undefined);
  }

  /** The outcomes by number: one each once it has settled. */
  get statuses(): readonly (string | undefined)[] {
    return [...this.outcomes.values()].map((all) => {
      expect(all.length).toBeLessThanOrEqual(1);
      return all[0]?.status;
    });
  }

  outcome(number: number): Confirmation | undefined {
    return this.outcomes.get(number)?.[0];
  }
}
