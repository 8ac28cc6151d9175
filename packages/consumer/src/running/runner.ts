import { diagnostics } from "@warren/message";
import { AwaitedPayloads } from "../handling/awaited-payloads.ts";
import { Caller } from "../handling/caller.ts";
import type { ResolvedConsumerOptions } from "../consumer-options.ts";
import { Decider } from "../handling/decider.ts";
import { Finisher, type Settle } from "./finisher.ts";
import type { IncomingDelivery } from "../settling/incoming-delivery.ts";
import { Invocations } from "../handling/invocations.ts";
import { KeyedLine } from "./keyed-line.ts";
import { type Line, PlainLine } from "./line.ts";
import { OrderedArrivals } from "./ordered-arrivals.ts";
import { Preparation } from "../handling/preparation.ts";
import type { Replier } from "../handling/replier.ts";
import { Slots } from "./slots.ts";

export interface RunnerPorts {
  /** Once for each delivery that was taken and not drained. */
  readonly settle: Settle;
  readonly replier: Replier;
}

export interface RunnerProgress {
  /** How many places are taken, and how much is at work without one: the payload before a key, the middleware around a batch. */
  readonly atWork: number;
  readonly free: boolean;
  /** Whether nothing is to be started. */
  readonly held: boolean;
  /** How many promises of handlers, of middleware and of payloads were begun so far. */
  readonly begunCount: number;
  /** Whether deliveries wait for their batch. */
  readonly collected: boolean;
}

/**
 * Takes deliveries and starts as many handlers as may be at work.
 *
 * Handlers run outside the client library's frame loop: what arrived in one turn is started together after it.
 */
export class Runner {
  readonly #slots: Slots;
  readonly #line: Line;
  readonly #preparation: Preparation;
  readonly #invocations: Invocations;
  readonly #caller: Caller;
  readonly #decider: Decider;
  readonly #payloads: AwaitedPayloads;
  /** Both where order matters. */
  readonly #keyed: KeyedLine | undefined;
  readonly #arrivals: OrderedArrivals | undefined;
  #pumping = false;

  constructor(options: ResolvedConsumerOptions, { settle, replier }: RunnerPorts) {
    const ordered = options.handlers.some(({ orderBy }) => orderBy !== undefined);
    const keyed = ordered ? new KeyedLine((delivery) => delivery.key) : undefined;
    this.#keyed = keyed;
    this.#line = keyed ?? new PlainLine();
    this.#slots = new Slots(options.concurrency);
    this.#preparation = new Preparation(options);
    this.#invocations = new Invocations(options, this.#slots, replier);
    const finisher = new Finisher(settle, {
      line: keyed,
      maxBlockedMs: options.maxBlockedMs,
      advanced: () => this.#pumpSoon(),
    });
    const decider = new Decider(options, replier, finisher);
    this.#decider = decider;
    this.#caller = new Caller(this.#invocations, this.#slots, decider);
    const refused = (delivery: IncomingDelivery, thrown: unknown): void => decider.refused(delivery, thrown);
    this.#payloads = new AwaitedPayloads(this.#slots, {
      ready: (delivery) => (this.#slots.held ? this.#inLine(delivery) : this.#caller.call(delivery)),
      refused,
    });
    this.#arrivals = ordered
      ? new OrderedArrivals(this.#preparation, { ready: (delivery) => this.#inLine(delivery), refused })
      : undefined;
    this.#slots.onFree(() => this.#pumpSoon());
  }

  get concurrency(): number {
    return this.#slots.limit;
  }

  set concurrency(count: number) {
    this.#slots.limit = count;
  }

  /** Work that goes on, and what is not handed to a handler yet. */
  get progress(): RunnerProgress {
    const { used, free, held, takenCount } = this.#slots;
    const { betweenCount, batchedCount } = this.#caller;
    const awaiting = this.#arrivals?.awaiting === true ? 1 : 0;
    return {
      atWork: used + awaiting + betweenCount,
      free,
      held,
      begunCount: takenCount + (this.#arrivals?.awaitedCount ?? 0) + batchedCount,
      collected: this.#invocations.waiting,
    };
  }

  /** Called whenever something may be started, until what this returns is called. */
  onFree(listener: () => void): () => void {
    return this.#slots.onFree(listener);
  }

  /** Whether order matters, so that nothing may go back while what came before it is at work. */
  get ordered(): boolean {
    return this.#keyed !== undefined;
  }

  /** Where order matters: resolves when nothing is at work. */
  async quiet(): Promise<void> {
    await this.#keyed?.quiet();
  }

  take(delivery: IncomingDelivery): void {
    if (this.#arrivals === undefined) this.#inLine(delivery);
    else this.#arrivals.take(delivery);
  }

  /** Starts nothing more until `resume`. */
  hold(): void {
    this.#slots.hold();
  }

  resume(): void {
    this.#slots.resume();
  }

  /** Takes out what no handler has seen yet; a payload that is still awaited is not waited for. */
  drain(): readonly IncomingDelivery[] {
    this.#invocations.drain();
    return [...this.#payloads.drain(), ...this.#line.drain(), ...(this.#arrivals?.drain() ?? [])];
  }

  /** The same for good: no batch gets anything any more. */
  end(): readonly IncomingDelivery[] {
    this.#invocations.end();
    return this.drain();
  }

  #inLine(delivery: IncomingDelivery): void {
    this.#line.take(delivery);
    this.#pumpSoon();
  }

  #pumpSoon(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    queueMicrotask(this.#pump);
  }

  readonly #pump = (): void => {
    this.#pumping = false;
    // Batches have places, not their members: those only wait until their batch is full.
    while (this.#slots.free || (this.#invocations.batching && !this.#slots.held)) {
      const delivery = this.#line.next();
      if (delivery === undefined) return;
      if (delivery.state === "held") this.#start(delivery);
      else this.#line.done(delivery);
    }
  };

  #start(delivery: IncomingDelivery): void {
    const prepared = delivery.handler !== undefined;
    // One whose payload came while the runner was held has been announced already.
    if (diagnostics.deliver.hasSubscribers && (!prepared || this.#arrivals !== undefined)) announce(delivery);
    if (!prepared) {
      let payload: unknown;
      try {
        payload = this.#preparation.payloadOf(delivery);
      } catch (thrown) {
        return this.#decider.refused(delivery, thrown);
      }
      if (payload instanceof Promise) return void this.#payloads.add(delivery, payload);
      delivery.payload = payload;
    }
    this.#caller.call(delivery);
  }
}

function announce(delivery: IncomingDelivery): void {
  const { consumerTag } = delivery.wire.fields;
  diagnostics.deliver.publish({ queue: delivery.queue, consumerTag, delivery });
}
