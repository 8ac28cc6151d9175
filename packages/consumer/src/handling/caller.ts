import type { Decider } from "./decider.ts";
import type { IncomingDelivery } from "../settling/incoming-delivery.ts";
import type { Invocations } from "./invocations.ts";
import type { Slots } from "../running/slots.ts";

/** Calls the handler of a prepared delivery, and hears what it returns or throws. */
export class Caller {
  readonly #invocations: Invocations;
  readonly #slots: Slots;
  readonly #decider: Decider;
  #batchedNow = 0;
  #batchedCount = 0;

  constructor(invocations: Invocations, slots: Slots, decider: Decider) {
    this.#invocations = invocations;
    this.#slots = slots;
    this.#decider = decider;
  }

  /** How many deliveries that have no place of their own were begun so far. */
  get batchedCount(): number {
    return this.#batchedCount;
  }

  /** How many of them a middleware keeps from their batch, or after it. */
  get betweenCount(): number {
    // A middleware may be done before its batch is.
    return Math.max(0, this.#batchedNow - this.#invocations.collectedCount);
  }

  /** No promise unless the handler makes one. */
  call(delivery: IncomingDelivery): void {
    const invoke = this.#invocations.of(delivery.handler!);
    let result: unknown;
    delivery.begun = true;
    try {
      result = invoke(delivery as never);
      // What a handler returns may throw when it is looked at.
      if (isThenable(result)) return void this.#await(delivery, result);
    } catch (thrown) {
      return this.#decider.threw(delivery, thrown);
    }
    this.#decider.returned(delivery, result);
  }

  async #await(delivery: IncomingDelivery, result: PromiseLike<unknown>): Promise<void> {
    const batched = delivery.handler?.work.kind === "batch";
    if (batched) {
      this.#batchedNow++;
      this.#batchedCount++;
    } else this.#slots.take();
    try {
      this.#decider.returned(delivery, await result);
    } catch (thrown) {
      this.#decider.threw(delivery, thrown);
    } finally {
      if (batched) this.#batchedNow--;
      else this.#slots.release();
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | undefined | null)?.then === "function";
}
