import { type Acknowledgement, ack, type Delivery, DeliveryError, requeue } from "@warren/message";
import type { BatchFunction, BatchResult } from "./handler.ts";
import type { Slots } from "../running/slots.ts";

/**
 * The outcome of what no handler has seen: given back whatever the queue, since nobody has decided anything about it. A
 * value of its own: `requeue()` always gives the same one.
 */
export const notHandled: Acknowledgement = Object.freeze({ ...requeue() });

export interface BatchOptions {
  /** How many deliveries a handler gets at most. */
  readonly maxSize: number;
  /** How long the first one of a batch waits for others, in milliseconds. @default 100 */
  readonly maxWaitMs?: number;
}

interface Member {
  readonly delivery: Delivery;
  readonly resolve: (acknowledgement: Acknowledgement) => void;
  readonly reject: (thrown: unknown) => void;
}

/** Collects deliveries for a batch handler; each gets an outcome of its own. */
export class Batcher {
  readonly #options: Required<BatchOptions>;
  readonly #handle: BatchFunction<unknown>;
  readonly #slots: Slots;
  #filling: Member[] = [];
  #timer: NodeJS.Timeout | undefined;
  #full: Member[][] = [];
  #memberCount = 0;
  #ended = false;

  constructor(options: Required<BatchOptions>, handle: BatchFunction<unknown>, slots: Slots) {
    this.#options = options;
    this.#handle = handle;
    this.#slots = slots;
    slots.onFree(() => this.#startNext());
  }

  /** Whether some wait for a batch to be full, or for a place. */
  get waiting(): boolean {
    return this.#filling.length > 0 || this.#full.length > 0;
  }

  /** How many have no outcome yet, those that the handler has included. */
  get memberCount(): number {
    return this.#memberCount;
  }

  /** The outcome of this delivery, once its batch has been handled. */
  add(delivery: Delivery): Promise<Acknowledgement> {
    if (this.#ended) return Promise.resolve(notHandled);
    return new Promise((resolve, reject) => {
      this.#filling.push({ delivery, resolve, reject });
      this.#memberCount++;
      if (this.#filling.length >= this.#options.maxSize) this.#close();
      else this.#timer ??= setTimeout(() => this.#close(), this.#options.maxWaitMs);
    });
  }

  /** What was not handed to the handler yet goes back to the queue. */
  drain(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const members = [...this.#full.flat(), ...this.#filling];
    this.#full = [];
    this.#filling = [];
    this.#memberCount -= members.length;
    for (const { resolve } of members) resolve(notHandled);
  }

  /** The same for good: what a middleware passes on later goes back, too. */
  end(): void {
    this.#ended = true;
    this.drain();
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#full.push(this.#filling);
    this.#filling = [];
    this.#startNext();
  }

  #startNext(): void {
    while (this.#slots.free) {
      const batch = this.#full.shift();
      if (batch === undefined) return;
      this.#slots.take();
      void this.#run(batch).finally(() => this.#slots.release());
    }
  }

  async #run(batch: readonly Member[]): Promise<void> {
    try {
      const deliveries = batch.map(({ delivery }) => delivery);
      const result = await this.#handle(
        deliveries.map(({ payload }) => payload),
        deliveries,
      );
      const outcomes = outcomesOf(result, batch.length);
      for (const [index, { resolve }] of batch.entries()) resolve(outcomes[index] ?? ack());
    } catch (thrown) {
      for (const { reject } of batch) reject(thrown);
    } finally {
      this.#memberCount -= batch.length;
    }
  }
}

function outcomesOf(result: BatchResult, count: number): readonly (Acknowledgement | undefined | void)[] {
  if (result === undefined) return [];
  if (Array.isArray(result) && result.length === count) return result;
  throw new DeliveryError(
    "HANDLER_FAILED",
    `a batch handler returns nothing or one outcome for each of its ${count} deliveries, not ${Array.isArray(result) ? `${result.length}` : typeof result}`,
  );
}
