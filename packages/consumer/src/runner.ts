import { type Acknowledgement, DeliveryError, diagnostics, isPermanent, retry } from "@warren/message";
import { notHandled } from "./batcher.ts";
import type { ResolvedConsumerOptions } from "./consumer-options.ts";
import { acknowledgementOf, decide, decideThrown, type Decision, unseenDecision } from "./decision.ts";
import { checkLimits, decodePayload, decodeUnchecked } from "./decode-payload.ts";
import { failureOf } from "./failure.ts";
import { HandlerTable } from "./handler-table.ts";
import type { IncomingDelivery } from "./incoming-delivery.ts";
import { inPlace } from "./in-place.ts";
import { Invocations } from "./invocations.ts";
import { KeyedLine } from "./keyed-line.ts";
import { type Line, PlainLine } from "./line.ts";
import { type Replier, ReplyAbandoned } from "./replier.ts";
import { Slots } from "./slots.ts";

export interface RunnerPorts {
  /** Once for each delivery that was taken and not drained; a promise when that is not done at once. */
  readonly settle: (delivery: IncomingDelivery, decision: Decision) => Promise<void> | void;
  readonly replier: Replier;
}

/**
 * Takes deliveries, keeps as many handlers at work as it may, and passes on what they decided.
 *
 * Handlers run outside the client library's frame loop: what arrived in one turn is started together after it.
 */
export class Runner {
  readonly #options: ResolvedConsumerOptions;
  readonly #ports: RunnerPorts;
  readonly #handlers: HandlerTable;
  readonly #invocations: Invocations;
  readonly #slots: Slots;
  readonly #keyed: KeyedLine | undefined;
  readonly #line: Line;
  /** Arrived and not decoded yet, where order matters; decoding may take a while, and is done one after another. */
  #sorting: Promise<void> = Promise.resolve();
  #held = false;
  /** Held for good: what would wait here goes back to the queue. */
  #stopping = false;
  #pumping = false;

  constructor(options: ResolvedConsumerOptions, ports: RunnerPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#handlers = new HandlerTable(options.handlers);
    this.#slots = new Slots(options.concurrency);
    this.#keyed = options.handlers.some(({ orderBy }) => orderBy !== undefined)
      ? new KeyedLine((delivery) => delivery.key)
      : undefined;
    this.#line = this.#keyed ?? new PlainLine();
    this.#invocations = new Invocations(options, this.#slots, ports.replier);
    this.#slots.onFree(() => this.#pumpSoon());
  }

  get concurrency(): number {
    return this.#slots.limit;
  }

  set concurrency(count: number) {
    this.#slots.limit = count;
  }

  take(delivery: IncomingDelivery): void {
    if (this.#keyed === undefined) {
      this.#line.take(delivery);
      this.#pumpSoon();
    } else {
      this.#sorting = this.#sorting.then(() => this.#sort(delivery));
    }
  }

  /** Starts nothing more until `resume`. */
  hold(): void {
    this.#held = true;
  }

  /** Holds for good. */
  stop(): void {
    this.#held = true;
    this.#stopping = true;
  }

  resume(): void {
    this.#held = false;
    this.#pumpSoon();
  }

  /** Resolves when everything taken so far has found its place. */
  sorted(): Promise<void> {
    return this.#sorting;
  }

  /** Takes out what no handler has seen yet. */
  drain(): readonly IncomingDelivery[] {
    this.#invocations.drain();
    return this.#line.drain();
  }

  #pumpSoon(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    queueMicrotask(this.#pump);
  }

  readonly #pump = (): void => {
    this.#pumping = false;
    // Batches have places, not their members: those only wait until their batch is full.
    while (!this.#held && (this.#slots.free || this.#invocations.batching)) {
      const delivery = this.#line.next();
      if (delivery === undefined) return;
      if (delivery.state === "held") this.#start(delivery);
      else this.#line.done(delivery);
    }
  };

  async #sort(delivery: IncomingDelivery): Promise<void> {
    if (delivery.state !== "held") return;
    try {
      const payload = this.#prepare(delivery);
      delivery.payload = payload instanceof Promise ? await payload : payload;
      const { orderBy } = delivery.handler!;
      if (orderBy !== undefined) {
        delivery.key = orderBy(delivery.payload as never, delivery);
        delivery.extraAttempts = delivery.deliveryCount ?? 0;
      }
    } catch (thrown) {
      this.#refuse(delivery, thrown);
      return;
    }
    this.#line.take(delivery);
    this.#pumpSoon();
  }

  /**
   * The payload, or a promise of it.
   *
   * @throws what says that it cannot be handled.
   */
  #prepare(delivery: IncomingDelivery): unknown {
    const { codecs, maxBodyBytes } = this.#options;
    checkLimits(delivery, maxBodyBytes);
    const handler = this.#handlers.for(delivery.wire.properties.type);
    delivery.handler = handler;
    if (handler.message !== undefined) return decodePayload(delivery, handler.message, codecs, maxBodyBytes);
    delivery.decodeWhenRead(() => decodeUnchecked(delivery, codecs));
    return undefined;
  }

  #start(delivery: IncomingDelivery): void {
    // One that was decoded while the runner was held has been announced already.
    if (diagnostics.deliver.hasSubscribers && (this.#keyed !== undefined || delivery.handler === undefined))
      announce(delivery);
    if (delivery.handler === undefined) {
      let payload: unknown;
      try {
        payload = this.#prepare(delivery);
      } catch (thrown) {
        return this.#refuse(delivery, thrown);
      }
      if (payload instanceof Promise) return void this.#startDecoded(delivery, payload);
      delivery.payload = payload;
    }
    this.#call(delivery);
  }

  async #startDecoded(delivery: IncomingDelivery, payload: Promise<unknown>): Promise<void> {
    this.#slots.take();
    try {
      delivery.payload = await payload;
    } catch (thrown) {
      return this.#refuse(delivery, thrown);
    } finally {
      this.#slots.release();
    }
    if (delivery.state !== "held") return;
    if (this.#stopping) this.#decided(delivery, unseenDecision);
    else if (this.#held) this.#line.take(delivery);
    else this.#call(delivery);
  }

  /** No promise unless the handler makes one. */
  #call(delivery: IncomingDelivery): void {
    const invoke = this.#invocations.of(delivery.handler!);
    let result: unknown;
    try {
      result = invoke(delivery as never);
    } catch (thrown) {
      return this.#threw(delivery, thrown);
    }
    if (isThenable(result)) void this.#await(delivery, result);
    else this.#returned(delivery, result as Acknowledgement | undefined);
  }

  async #await(delivery: IncomingDelivery, result: PromiseLike<unknown>): Promise<void> {
    const batched = delivery.handler?.work.kind === "batch";
    if (!batched) this.#slots.take();
    try {
      this.#returned(delivery, (await result) as Acknowledgement | undefined);
    } catch (thrown) {
      this.#threw(delivery, thrown);
    } finally {
      if (!batched) this.#slots.release();
    }
  }

  #returned(delivery: IncomingDelivery, acknowledgement: Acknowledgement | undefined): void {
    if (acknowledgement === notHandled) return this.#decided(delivery, unseenDecision);
    let decision: Decision;
    try {
      decision = this.#decide(delivery, acknowledgement);
    } catch (unreadable) {
      return this.#failed(delivery, unreadable);
    }
    this.#decided(delivery, decision);
  }

  #decide(delivery: IncomingDelivery, acknowledgement: Acknowledgement | undefined): Decision {
    // Those of its key that are on their way here already would overtake a message that goes back to its queue.
    const decided =
      acknowledgement?.action === "requeue" && delivery.key !== undefined
        ? retry({ reason: "it was requeued" })
        : acknowledgement;
    return decide(decided, delivery, this.#options.retrySteps);
  }

  #threw(delivery: IncomingDelivery, thrown: unknown): void {
    if (
      delivery.handler?.work.kind === "reply" &&
      !isPermanent(thrown) &&
      !(thrown instanceof ReplyAbandoned)
    )
      return void this.#answerThrown(delivery, thrown);
    this.#failed(delivery, thrown);
  }

  #failed(delivery: IncomingDelivery, thrown: unknown): void {
    const { retrySteps, rules } = this.#options;
    let decision: Decision;
    try {
      decision = decideThrown(thrown, delivery, retrySteps, rules);
    } catch {
      // A proxy, for example, whose traps throw.
      const unreadable = new DeliveryError("HANDLER_FAILED", "what the handler threw cannot be read");
      decision = decideThrown(unreadable, delivery, retrySteps, []);
    }
    this.#decided(delivery, decision);
  }

  /** What a middleware throws is answered as what the handler throws: a retry would come too late for the requester. */
  async #answerThrown(delivery: IncomingDelivery, thrown: unknown): Promise<void> {
    try {
      await this.#ports.replier.refuse(delivery, failureOf(thrown));
    } catch (abandoned) {
      // Not answered a second time, whatever it is: that would go on for ever.
      return this.#failed(delivery, abandoned);
    }
    this.#returned(delivery, undefined);
  }

  /** What cannot be handled will not be better after a wait. */
  #refuse(delivery: IncomingDelivery, thrown: unknown): void {
    const { code, reason } = failureOf(thrown);
    const failure = { code, reason };
    if (delivery.handler?.work.kind === "reply")
      void this.#ports.replier.refuse(delivery, failure).catch(() => undefined);
    this.#decided(delivery, { kind: "dead-letter", failure });
  }

  #decided(delivery: IncomingDelivery, decision: Decision): void {
    if (diagnostics.settle.hasSubscribers) announceDecision(delivery, decision);
    const keyed = this.#keyed;
    if (keyed === undefined) return void this.#ports.settle(delivery, decision);
    if (delivery.key === undefined || delivery.state !== "held") return this.#end(delivery, decision);
    if (decision.kind === "retry") {
      const { postponeMs, instead } = inPlace(
        delivery,
        decision,
        this.#options.maxBlockedMs,
        performance.now(),
      );
      if (instead !== undefined) return this.#end(delivery, instead);
      if (this.#stopping) return this.#end(delivery, unseenDecision);
      delivery.extraAttempts++;
      return keyed.postpone(delivery, postponeMs, () => this.#pumpSoon());
    }
    this.#end(delivery, decision);
  }

  #end(delivery: IncomingDelivery, decision: Decision): void {
    const settled = this.#ports.settle(delivery, decision);
    if (settled === undefined) this.#done(delivery);
    else void settled.finally(() => this.#done(delivery));
  }

  #done(delivery: IncomingDelivery): void {
    this.#line.done(delivery);
    this.#pumpSoon();
  }
}

function announce(delivery: IncomingDelivery): void {
  const { consumerTag } = delivery.wire.fields;
  diagnostics.deliver.publish({ queue: delivery.queue, consumerTag, delivery });
}

function announceDecision(delivery: IncomingDelivery, decision: Decision): void {
  diagnostics.settle.publish({
    queue: delivery.queue,
    delivery,
    acknowledgement: acknowledgementOf(decision),
    durationMs: Date.now() - delivery.receivedAtMs,
  });
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | undefined | null)?.then === "function";
}
