import { type Connection, type ConsumeChannel, redeclareQueue, type WireChannel } from "@warren/connection";
import type { WarrenError } from "@warren/message";
import { ConfirmedPublishes } from "./moving/confirmed-publishes.ts";
import type { ResolvedConsumerOptions } from "./consumer-options.ts";
import { IncomingDelivery } from "./settling/incoming-delivery.ts";
import { Replier } from "./handling/replier.ts";
import { Runner } from "./running/runner.ts";
import { Settlements } from "./settling/settlements.ts";
import { StreamPosition, streamOffsetArgument } from "./stream-offset.ts";

/** What a session tells its consumer. */
export interface SessionEvents {
  up(): void;
  down(error: WarrenError): void;
  failed(error: WarrenError): void;
  /** It consumes, and something is wrong all the same; or, without an error, no longer. */
  complains(error: WarrenError | undefined): void;
  closing(timeoutMs: number): Promise<void>;
}

/** Everything that works between `start()` and `stop()`, put together. */
export class Session {
  readonly channel: ConsumeChannel;
  readonly runner: Runner;
  readonly settlements: Settlements;
  readonly moves: ConfirmedPublishes;
  readonly replies: ConfirmedPublishes;
  readonly #options: ResolvedConsumerOptions;
  readonly #connection: Connection;
  readonly #position: StreamPosition | undefined;
  readonly #events: SessionEvents;
  #stall: WarrenError | undefined;
  #prefetch: number;
  #arrivedCount = 0;
  #givesBack = false;

  constructor(connection: Connection, options: ResolvedConsumerOptions, events: SessionEvents) {
    const { queueName, queueRef, prefetch, exclusive, priority, offset, codecs } = options;
    this.#options = options;
    this.#connection = connection;
    this.#events = events;
    this.#prefetch = prefetch;
    this.#position =
      offset !== undefined || queueRef?.type === "stream" ? new StreamPosition(offset ?? "next") : undefined;
    const changed = (): void => this.#complain();
    this.moves = new ConfirmedPublishes(connection, `move ${queueName}`, changed);
    this.replies = new ConfirmedPublishes(connection, `reply ${queueName}`, changed);
    this.runner = new Runner(options, {
      settle: (delivery, decision) => this.settlements.settle(delivery, decision),
      replier: new Replier(this.replies, codecs),
    });
    this.channel = connection.channels.consume({
      queue: queueName,
      prefetch: this.#prefetch,
      ...(exclusive ? { exclusive } : {}),
      ...(priority === undefined ? {} : { priority }),
      arguments: () => this.#arguments(),
      prepare: (channel, again) => this.#prepare(channel, again),
      delivered: (wire, generation) => {
        const delivery = new IncomingDelivery(wire, generation, queueName, performance.now());
        this.#arrivedCount++;
        this.#position?.arrived(delivery.streamOffset);
        this.settlements.arrived(delivery);
        if (this.#givesBack) this.settlements.giveBack(delivery);
        else this.runner.take(delivery);
      },
      up: () => events.up(),
      down: (error) => {
        this.#lost(error);
        events.down(error);
      },
      failed: (error) => {
        this.#lost(error);
        events.failed(error);
      },
      closing: (timeoutMs) => events.closing(timeoutMs),
    });
    this.settlements = new Settlements(this.channel, this.moves, options);
  }

  /** Since the start, redeliveries included. */
  get arrivedCount(): number {
    return this.#arrivedCount;
  }

  get prefetch(): number {
    return this.#prefetch;
  }

  setPrefetch(count: number): Promise<void> {
    this.#prefetch = count;
    return this.channel.setPrefetch(count);
  }

  get queue(): string {
    return this.#options.queueName;
  }

  /** Whether the queue is one that takes acknowledgements into a replicated log, later than the broker reads them. */
  get settlesThroughLog(): boolean {
    const { queueRef } = this.#options;
    return queueRef === undefined || queueRef.type === "quorum";
  }

  /** @param error none when handlers end again. */
  stalled(error: WarrenError | undefined): void {
    this.#stall = error;
    this.#complain();
  }

  /** What no handler has seen goes back to the queue; so does what still comes, where the broker was told too late. */
  giveBackRest(): void {
    this.#givesBack = true;
    for (const delivery of this.runner.end()) this.settlements.giveBack(delivery);
  }

  #complain(): void {
    const complaint = this.moves.refusal ?? this.replies.refusal ?? this.#stall;
    this.channel.complain(complaint);
    this.#events.complains(complaint);
  }

  #lost(error: WarrenError): void {
    this.#position?.lost([...this.settlements.held].map((delivery) => delivery.streamOffset));
    this.settlements.lost(error);
    this.runner.drain();
  }

  #arguments(): Readonly<Record<string, unknown>> {
    return this.#position === undefined
      ? {}
      : { "x-stream-offset": streamOffsetArgument(this.#position.offset) };
  }

  /** The queue may have been deleted, or the broker may be another one by now. */
  async #prepare(channel: WireChannel, again: boolean): Promise<void> {
    const { topology, options } = this.#connection;
    const { queueRef } = this.#options;
    if (!again || topology === undefined || queueRef === undefined || options.declare !== "create") return;
    if (Object.hasOwn(topology.queues, queueRef.name)) await redeclareQueue(channel, topology, queueRef);
  }
}
