import { diagnostics } from "@warren/message";
import { acknowledgementOf, type Decision } from "../handling/decision.ts";
import { inPlace } from "./in-place.ts";
import type { IncomingDelivery } from "../settling/incoming-delivery.ts";
import type { KeyedLine } from "./keyed-line.ts";

/** A promise when it is not settled at once. */
export type Settle = (delivery: IncomingDelivery, decision: Decision) => Promise<void> | void;

export interface FinisherOptions {
  /** Where order is kept. */
  readonly line: KeyedLine | undefined;
  readonly maxBlockedMs: number;
  /** Called when the line may have something to start. */
  readonly advanced: () => void;
}

/** Settles what was decided about; where order is kept, a retry stays in its place instead and waits there. */
export class Finisher {
  readonly #settle: Settle;
  readonly #options: FinisherOptions;
  readonly #line: KeyedLine | undefined;

  constructor(settle: Settle, options: FinisherOptions) {
    this.#settle = settle;
    this.#options = options;
    this.#line = options.line;
  }

  finish(delivery: IncomingDelivery, decision: Decision): void {
    const line = this.#line;
    if (line === undefined) {
      announce(delivery, decision);
      return void this.#settle(delivery, decision);
    }
    if (decision.kind === "retry" && delivery.key !== undefined && delivery.state === "held")
      return this.#retryInPlace(line, delivery, decision);
    this.#end(line, delivery, decision);
  }

  #retryInPlace(
    line: KeyedLine,
    delivery: IncomingDelivery,
    decision: Extract<Decision, { kind: "retry" }>,
  ): void {
    const { maxBlockedMs, advanced } = this.#options;
    const { postponeMs, instead } = inPlace(delivery, decision, maxBlockedMs, performance.now());
    if (instead !== undefined) return this.#end(line, delivery, instead);
    delivery.extraAttempts++;
    delivery.begun = false;
    const { queue } = delivery;
    const { reason } = decision.failure;
    diagnostics.retry.publish({ queue, delivery, delayMs: postponeMs, reason });
    line.postpone(delivery, postponeMs, advanced);
  }

  #end(line: KeyedLine, delivery: IncomingDelivery, decision: Decision): void {
    announce(delivery, decision);
    const settled = this.#settle(delivery, decision);
    if (settled === undefined) this.#leave(line, delivery);
    else void settled.finally(() => this.#leave(line, delivery));
  }

  #leave(line: KeyedLine, delivery: IncomingDelivery): void {
    line.done(delivery);
    this.#options.advanced();
  }
}

/** What is decided too late is not settled: the broker delivers the message again. */
function announce(delivery: IncomingDelivery, decision: Decision): void {
  if (!diagnostics.settle.hasSubscribers || delivery.state !== "held") return;
  diagnostics.settle.publish({
    queue: delivery.queue,
    delivery,
    acknowledgement: acknowledgementOf(decision),
    durationMs: performance.now() - delivery.receivedAtMs,
  });
}
