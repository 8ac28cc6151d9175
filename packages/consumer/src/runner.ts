import {
  type Acknowledgement,
  ack,
  compose,
  DeliveryError,
  diagnostics,
  type Middleware,
  type Next,
} from "@warren/message";
import type { QueueRef } from "@warren/connection";
import type { ResolvedConsumerOptions } from "./consumer-options.ts";
import { decodePayload } from "./decode-payload.ts";
import { decide, decideThrown, type Decision } from "./decision.ts";
import { failureOf } from "./failure.ts";
import type { Handler } from "./handler.ts";
import { Handlers } from "./handlers.ts";
import type { IncomingDelivery } from "./incoming-delivery.ts";

/** Called once for each delivery that was started. */
export type Settle = (delivery: IncomingDelivery, decision: Decision) => void;

/**
 * Takes deliveries one after another, keeps as many handlers at work as it may, and passes on what they decided.
 *
 * Handlers run outside the client library's frame loop: what arrived in one turn is started together after it.
 */
export class Runner {
  readonly #handlers: Handlers;
  readonly #options: ResolvedConsumerOptions;
  readonly #ladder: QueueRef["retrySteps"];
  readonly #settle: Settle;
  #waiting: IncomingDelivery[] = [];
  #head = 0;
  #running = 0;
  #concurrency: number;
  #held = false;
  #pumping = false;

  constructor(options: ResolvedConsumerOptions, settle: Settle) {
    this.#options = options;
    this.#handlers = new Handlers(options.handlers, options.queueRef);
    this.#ladder = options.queueRef?.retrySteps ?? [];
    this.#concurrency = options.concurrency;
    this.#settle = settle;
  }

  get runningCount(): number {
    return this.#running;
  }

  get waitingCount(): number {
    return this.#waiting.length - this.#head;
  }

  get concurrency(): number {
    return this.#concurrency;
  }

  set concurrency(count: number) {
    this.#concurrency = count;
    this.#pumpSoon();
  }

  take(delivery: IncomingDelivery): void {
    this.#waiting.push(delivery);
    this.#pumpSoon();
  }

  /** Starts nothing more until `resume`. */
  hold(): void {
    this.#held = true;
  }

  resume(): void {
    this.#held = false;
    this.#pumpSoon();
  }

  /** Takes out what was not started. */
  drain(): IncomingDelivery[] {
    const left = this.#waiting.slice(this.#head);
    this.#waiting = [];
    this.#head = 0;
    return left;
  }

  #pumpSoon(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    queueMicrotask(this.#pump);
  }

  readonly #pump = (): void => {
    this.#pumping = false;
    while (!this.#held && this.#running < this.#concurrency && this.#head < this.#waiting.length) {
      const delivery = this.#waiting[this.#head++]!;
      if (this.#head === this.#waiting.length) {
        this.#waiting = [];
        this.#head = 0;
      }
      if (delivery.state === "held") this.#start(delivery);
    }
  };

  #start(delivery: IncomingDelivery): void {
    if (diagnostics.deliver.hasSubscribers)
      diagnostics.deliver.publish({
        queue: delivery.queue,
        consumerTag: delivery.wire.fields.consumerTag,
        delivery,
      });
    let handler: Handler | undefined;
    let result: unknown;
    try {
      const { type } = delivery.wire.properties;
      handler = this.#handlers.for(type);
      if (handler === undefined) throw unknownType(type);
      if (handler.message !== undefined)
        result = decodePayload(delivery, handler.message, this.#options.codecs);
    } catch (thrown) {
      return this.#refuse(delivery, thrown);
    }
    const { middleware } = this.#options;
    if (result instanceof Promise || middleware.length > 0)
      return void this.#startAsync(delivery, handler, result, middleware);
    delivery.payload = result;
    this.#call(delivery, handler);
  }

  /** The short way: no promise unless the handler makes one. */
  #call(delivery: IncomingDelivery, handler: Handler): void {
    let result: unknown;
    try {
      result = handler.handle(delivery.payload as never, delivery as never);
    } catch (thrown) {
      return this.#threw(delivery, thrown);
    }
    if (isThenable(result)) void this.#await(delivery, result);
    else this.#returned(delivery, result as Acknowledgement | undefined);
  }

  async #await(delivery: IncomingDelivery, result: PromiseLike<unknown>): Promise<void> {
    this.#running++;
    try {
      this.#returned(delivery, (await result) as Acknowledgement | undefined);
    } catch (thrown) {
      this.#threw(delivery, thrown);
    } finally {
      this.#running--;
      if (this.#head < this.#waiting.length) this.#pumpSoon();
    }
  }

  async #startAsync(
    delivery: IncomingDelivery,
    handler: Handler,
    payload: unknown,
    middleware: readonly Middleware[],
  ): Promise<void> {
    this.#running++;
    try {
      try {
        delivery.payload = await payload;
      } catch (thrown) {
        return this.#refuse(delivery, thrown);
      }
      const last: Next = async (passed) =>
        (await handler.handle(passed.payload as never, passed as never)) ?? ack();
      this.#returned(delivery, await compose(middleware, last)(delivery));
    } catch (thrown) {
      this.#threw(delivery, thrown);
    } finally {
      this.#running--;
      this.#pumpSoon();
    }
  }

  #returned(delivery: IncomingDelivery, acknowledgement: Acknowledgement | undefined): void {
    this.#decided(delivery, decide(acknowledgement, delivery, this.#ladder));
  }

  #threw(delivery: IncomingDelivery, thrown: unknown): void {
    this.#decided(delivery, decideThrown(thrown, delivery, this.#ladder, this.#options.rules));
  }

  /** What cannot be handled will not be better after a wait. */
  #refuse(delivery: IncomingDelivery, thrown: unknown): void {
    this.#decided(delivery, { kind: "dead-letter", failure: failureOf(thrown) });
  }

  #decided(delivery: IncomingDelivery, decision: Decision): void {
    this.#settle(delivery, decision);
  }
}

function unknownType(type: string | undefined): DeliveryError {
  return new DeliveryError(
    "UNKNOWN_TYPE",
    type === undefined ? "the message has no type" : `no handler for the type ${JSON.stringify(type)}`,
    { context: { type } },
  );
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | undefined | null)?.then === "function";
}
