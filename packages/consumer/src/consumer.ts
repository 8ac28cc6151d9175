import type { Connection, ConsumeChannel } from "@warren/connection";
import { DeliveryError, diagnostics } from "@warren/message";
import type { ResolvedConsumerOptions } from "./consumer-options.ts";
import type { ConsumerState } from "./consumer-state.ts";
import { IncomingDelivery } from "./incoming-delivery.ts";
import { Mover } from "./mover.ts";
import { Runner } from "./runner.ts";
import { Settlements } from "./settlements.ts";
import { shutDown } from "./shutdown.ts";

export interface StopOptions {
  /** How long all of it may take; running handlers get most of that before their signal aborts. @default 30_000 */
  readonly timeoutMs?: number;
}

const defaultStopTimeoutMs = 30_000;

/** What exists between `start()` and `stop()`. */
interface Session {
  readonly channel: ConsumeChannel;
  readonly mover: Mover;
  readonly settlements: Settlements;
}

/** Consumes one queue with handlers. Made by `createConsumer`; consumes after {@link Consumer.start}. */
export class Consumer implements AsyncDisposable {
  readonly queue: string;
  readonly #connection: Connection;
  readonly #options: ResolvedConsumerOptions;
  readonly #runner: Runner;
  #state: ConsumerState = { kind: "idle" };
  #session: Session | undefined;
  #starting: Promise<void> | undefined;
  #started: { readonly resolve: () => void; readonly reject: (error: unknown) => void } | undefined;
  #stopping: Promise<void> | undefined;

  constructor(connection: Connection, options: ResolvedConsumerOptions) {
    this.queue = options.queueName;
    this.#connection = connection;
    this.#options = options;
    this.#runner = new Runner(options, (delivery, decision) =>
      this.#session!.settlements.settle(delivery, decision),
    );
  }

  get state(): ConsumerState {
    return this.#state;
  }

  /**
   * Begins to consume; resolves when the broker has answered. From then on the consumer comes back by itself after
   * every loss.
   *
   * @throws BrokerError when the broker refuses it: BROKER_ACCESS_REFUSED, BROKER_NOT_FOUND, BROKER_PRECONDITION_FAILED.
   */
  start(): Promise<void> {
    if (this.#starting !== undefined) return this.#starting;
    if (this.#state.kind !== "idle")
      return Promise.reject(
        new DeliveryError("CONSUMER_FAILED", `the consumer of "${this.queue}" is ${this.#state.kind}`),
      );
    this.#set({ kind: "starting" });
    const promise = new Promise<void>((resolve, reject) => (this.#started = { resolve, reject }));
    this.#session = this.#open();
    return (this.#starting = promise);
  }

  /**
   * Stops without losing anything: no new messages, handlers at work may finish, what is left goes back to the queue.
   * Returns within `timeoutMs`, whatever the handlers and the broker do.
   */
  stop(options: StopOptions = {}): Promise<void> {
    return (this.#stopping ??= this.#stop(options.timeoutMs ?? defaultStopTimeoutMs));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #open(): Session {
    const { queueName, queueRef, prefetch } = this.#options;
    const channel = this.#connection.consume({
      queue: queueName,
      prefetch,
      delivered: (wire, generation) => {
        const delivery = new IncomingDelivery(wire, generation, queueName, Date.now());
        this.#session!.settlements.arrived(delivery);
        this.#runner.take(delivery);
      },
      up: () => this.#up(),
      setupFailed: (error) => {
        if (this.#state.kind === "starting" && error.code === "BROKER_NOT_FOUND") this.#fail(error);
      },
      down: (error) => {
        this.#runner.drain();
        this.#session?.settlements.lost(error);
        if (this.#state.kind === "consuming") this.#set({ kind: "recovering", error });
      },
      failed: (error) => this.#fail(error),
      closing: (timeoutMs) => this.stop({ timeoutMs }),
    });
    const mover = new Mover(this.#connection, queueName);
    // A name alone says nothing about dead letters: the broker's own dead-letter exchange decides.
    const settlements = new Settlements(channel, mover, {
      queue: queueName,
      deadLetter: queueRef?.deadLetter,
    });
    return { channel, mover, settlements };
  }

  #up(): void {
    if (this.#state.kind !== "starting" && this.#state.kind !== "recovering") return;
    this.#set({ kind: "consuming" });
    this.#started?.resolve();
  }

  #fail(error: unknown): void {
    if (this.#state.kind === "stopping" || this.#state.kind === "stopped") return;
    this.#set({ kind: "failed", error });
    // The failed channel stays until stop(): it is what makes connection.healthy() false.
    this.#started?.reject(error);
  }

  async #stop(timeoutMs: number): Promise<void> {
    const session = this.#session;
    if (session !== undefined) {
      this.#set({ kind: "stopping" });
      this.#started?.reject(
        new DeliveryError("CONSUMER_FAILED", `the consumer of "${this.queue}" was stopped`),
      );
      await shutDown({ ...session, runner: this.#runner }, timeoutMs);
    }
    this.#set({ kind: "stopped" });
  }

  #set(to: ConsumerState): void {
    const from = this.#state;
    this.#state = to;
    diagnostics.consumerState.publish({
      queue: this.queue,
      from: from.kind,
      to: to.kind,
      ...("error" in to ? { error: to.error } : {}),
    });
  }
}
