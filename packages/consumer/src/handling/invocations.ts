import { ack, type Delivery, type Next } from "@warren/message";
import { compose } from "@warren/message/authoring";
import { Batcher } from "./batcher.ts";
import type { ResolvedConsumerOptions } from "../consumer-options.ts";
import type { Handler, HandlerResult } from "./handler.ts";
import type { Replier } from "./replier.ts";
import { acknowledgementOf } from "./returned-value.ts";
import type { Slots } from "../running/slots.ts";

/** Calls a handler with what it wants of a delivery, its middleware around it. */
export type Invocation = (delivery: Delivery<never>) => HandlerResult | PromiseLike<HandlerResult>;

/** How each handler of a consumer is called. */
export class Invocations {
  readonly #options: ResolvedConsumerOptions;
  readonly #slots: Slots;
  readonly #replier: Replier;
  readonly #byHandler = new Map<Handler, Invocation>();
  readonly #batchers: Batcher[] = [];

  constructor(options: ResolvedConsumerOptions, slots: Slots, replier: Replier) {
    this.#options = options;
    this.#slots = slots;
    this.#replier = replier;
    for (const handler of options.handlers)
      this.#byHandler.set(handler, this.#surrounded(this.#plain(handler), handler));
  }

  /** Whether deliveries are collected, so that their batches and not they themselves take places. */
  get batching(): boolean {
    return this.#batchers.length > 0;
  }

  /** Whether something that was collected waits. */
  get waiting(): boolean {
    return this.#batchers.some(({ waiting }) => waiting);
  }

  /** How many are collected, or in a batch that a handler has. */
  get collectedCount(): number {
    return this.#batchers.reduce((count, { memberCount }) => count + memberCount, 0);
  }

  of(handler: Handler): Invocation {
    return this.#byHandler.get(handler)!;
  }

  /** What was collected and not handed to a handler yet goes back to the queue. */
  drain(): void {
    for (const batcher of this.#batchers) batcher.drain();
  }

  /** The same for good: what a middleware passes on to a batch later goes back, too. */
  end(): void {
    for (const batcher of this.#batchers) batcher.end();
  }

  #plain({ work, message }: Handler): Invocation {
    switch (work.kind) {
      case "single":
        // Without a message the payload is decoded when it is read, which must not be here.
        return message === undefined
          ? (delivery) => work.handle(undefined as never, delivery)
          : (delivery) => work.handle(delivery.payload, delivery);
      case "reply":
        return (delivery) => this.#replier.serve(delivery, work.answer, work.handle as never);
      case "batch": {
        const batcher = new Batcher(this.#options.batch!, work.handle as never, this.#slots);
        this.#batchers.push(batcher);
        return (delivery) => batcher.add(delivery);
      }
    }
  }

  #surrounded(invoke: Invocation, handler: Handler): Invocation {
    const { middleware } = this.#options;
    return middleware.length === 0 ? invoke : compose(middleware, toNext(invoke, handler));
  }
}

/** A middleware sees acknowledgements only. */
function toNext(invoke: Invocation, handler: Handler): Next {
  return async (delivery) => acknowledgementOf(await invoke(delivery as never), handler) ?? ack();
}
