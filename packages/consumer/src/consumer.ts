import { type Connection, withDeadline } from "@warren/connection";
import { ConnectionError, DeliveryError } from "@warren/message";
import { milliseconds, resolveOptions, type Rules } from "@warren/message/authoring";
import { ConsumerLifecycle } from "./consumer-lifecycle.ts";
import { checkCount, type ResolvedConsumerOptions } from "./consumer-options.ts";
import type { ConsumerState, ConsumerStatus } from "./consumer-state.ts";
import { type IdleOptions, whenIdle } from "./idle.ts";
import { warnAboutOrder } from "./running/order-warning.ts";
import { Session } from "./session.ts";
import { shutDown } from "./shutdown.ts";
import { Watchdog } from "./watching/watchdog.ts";

export interface StopOptions {
  /** How long all of it may take; running handlers get most of that before their signal aborts. @default 30_000 */
  readonly timeoutMs?: number;
}

const stopDefaults = Object.freeze({ timeoutMs: 30_000 });
const stopRules: Rules<StopOptions> = { timeoutMs: milliseconds() };

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Consumes one queue with handlers. Made by `createConsumer`; consumes after {@link Consumer.start}, once in its life. */
export class Consumer implements AsyncDisposable {
  readonly queue: string;
  readonly #connection: Connection;
  readonly #options: ResolvedConsumerOptions;
  readonly #lifecycle: ConsumerLifecycle;
  #session: Session | undefined;
  #watchdog: Watchdog | undefined;
  #started: Promise<void> | undefined;
  #starting: Waiting | undefined;
  #stopped: Promise<void> | undefined;
  #concurrency: number;
  #prefetch: number;

  constructor(connection: Connection, options: ResolvedConsumerOptions) {
    this.queue = options.queueName;
    this.#connection = connection;
    this.#options = options;
    this.#lifecycle = new ConsumerLifecycle(options.queueName);
    this.#concurrency = options.concurrency;
    this.#prefetch = options.prefetch;
  }

  get state(): ConsumerState {
    return this.#lifecycle.state;
  }

  /** Every change of the state from now on; ends when the consumer is stopped. */
  status(): AsyncIterableIterator<ConsumerStatus> {
    return this.#lifecycle.status();
  }

  /**
   * For a readiness probe: it consumes, or is paused because that was asked for, the broker takes its retries, dead
   * letters and replies, and its handlers come to an end (`stalledAfterMs`). While that is not so, `state.error` says why.
   */
  healthy(): boolean {
    return this.#lifecycle.healthy;
  }

  /** How many deliveries wait for a handler, are at work or wait for the confirm of their move. */
  get heldCount(): number {
    return this.#session?.settlements.heldCount ?? 0;
  }

  /** How many decisions came after the channel of their delivery was gone, so that the broker delivers it again. */
  get staleSettleCount(): number {
    return this.#session?.settlements.staleCount ?? 0;
  }

  get concurrency(): number {
    return this.#concurrency;
  }

  /**
   * How many handlers may be at work at the same time, from now on; those that are go on.
   *
   * @throws ConfigError INVALID_OPTION
   */
  set concurrency(count: number) {
    checkCount("concurrency", count, this.#options.queueRef);
    this.#concurrency = count;
    if (this.#session !== undefined) this.#session.runner.concurrency = count;
  }

  get prefetch(): number {
    return this.#prefetch;
  }

  /**
   * Resolves when the broker knows; for that the consumer is cancelled and made again. With `orderBy` leave it as it is:
   * another consumer that stands by takes over in the middle of a key, and after a loss RabbitMQ (3.10 and 4.0) gives back
   * in another order what came before the change and after it.
   *
   * @throws ConfigError INVALID_OPTION
   */
  async setPrefetch(count: number): Promise<void> {
    checkCount("prefetch", count, this.#options.queueRef);
    this.#prefetch = count;
    await this.#session?.setPrefetch(count);
  }

  /**
   * Begins to consume; resolves when the broker has answered. From then on the consumer comes back by itself after
   * every loss. With `orderBy` on a queue that other processes may consume too, a process warning says so.
   *
   * @throws BrokerError when the broker refuses it: BROKER_ACCESS_REFUSED, BROKER_NOT_FOUND, BROKER_PRECONDITION_FAILED.
   * ConnectionError RPC_TIMEOUT when it has not answered within the connection's `startupTimeoutMs`; the consumer goes on
   * trying then, until it is stopped. ConnectionError CONNECTION_CLOSED. DeliveryError CONSUMER_FAILED when it has failed
   * or was stopped: another one has to be made then.
   */
  start(): Promise<void> {
    if (this.#lifecycle.over) return Promise.reject(this.#lifecycle.unusable());
    if (this.#started !== undefined) return this.#started;
    if (this.#connection.state.kind === "closing" || this.#connection.state.kind === "closed")
      return Promise.reject(new ConnectionError("CONNECTION_CLOSED", "the connection is closed"));
    this.#lifecycle.starting();
    this.#started = withDeadline(
      new Promise<void>((resolve, reject) => (this.#starting = { resolve, reject })),
      this.#connection.options.startupTimeoutMs,
      "basic.consume",
    );
    warnAboutOrder(this.#options);
    const options = { ...this.#options, concurrency: this.#concurrency, prefetch: this.#prefetch };
    this.#session = new Session(this.#connection, options, {
      up: () => {
        this.#lifecycle.up();
        this.#starting?.resolve();
      },
      down: (error) => this.#lifecycle.lost(error),
      failed: (error) => this.#fail(error),
      complains: (error) => this.#lifecycle.complains(error),
      closing: (timeoutMs) => this.#stopWithin(timeoutMs),
    });
    this.#watchdog = new Watchdog(this.#session, this.#options);
    return this.#started;
  }

  /**
   * No more messages until `resume`: the consumer is cancelled, also over reconnects. Handlers at work go on; what has
   * arrived and was not started stays here, un-acked. With `orderBy` it is not cancelled, since another consumer would
   * overtake what stays here; up to `prefetch` messages come and wait. Nothing happens to a consumer that is stopped or failed.
   *
   * @throws DeliveryError CONSUMER_FAILED when it is not started.
   */
  async pause(): Promise<void> {
    if (this.state.kind === "idle") throw this.#lifecycle.unusable();
    if (!this.#lifecycle.live) return;
    if (this.state.kind !== "paused") this.#lifecycle.paused();
    this.#session?.runner.hold();
    if (this.#session?.runner.ordered === false) await this.#session.channel.cancel();
  }

  /** @throws DeliveryError CONSUMER_FAILED when it is not started, stopped or failed. */
  async resume(): Promise<void> {
    if (!this.#lifecycle.live) throw this.#lifecycle.unusable();
    if (this.state.kind !== "paused") return;
    this.#session?.runner.resume();
    this.#lifecycle.resumed(this.#session?.channel.ready === true);
    await this.#session?.channel.resume();
  }

  /**
   * Resolves when nothing is left to do: the queue has no message ready, and everything that came from it is settled.
   * Messages that wait for a retry are not waited for, nor are those that other consumers hold. While the consumer is
   * paused or its connection is lost this waits. On a cluster it may resolve while a message is on its way: RabbitMQ counts
   * at the leader of a quorum queue and delivers from the member on this connection's node, which may lag behind.
   *
   * @throws the signal's reason when it is aborted. DeliveryError CONSUMER_FAILED when the consumer is not started, or is
   * stopped or fails before it has nothing left to do. ConfigError INVALID_OPTION.
   */
  async idle(options: IdleOptions = {}): Promise<void> {
    const isLive = (): boolean => this.#lifecycle.live;
    if (this.#session === undefined || !(await whenIdle(this.#session, isLive, options)))
      throw this.#lifecycle.unusable();
  }

  /**
   * Stops without losing anything: no new messages, handlers at work may finish, what is left goes back to the queue;
   * what was not started at once, or, with `orderBy`, when those at work have finished, so that nobody overtakes them.
   * Returns within `timeoutMs`, whatever the handlers and the broker do. What has finished is not delivered again,
   * unless the connection is lost meanwhile.
   *
   * @throws ConfigError INVALID_OPTION
   */
  stop(options: StopOptions = {}): Promise<void> {
    try {
      return this.#stopWithin(resolveOptions("stop", options, stopDefaults, stopRules).timeoutMs);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #fail(error: unknown): void {
    if (this.state.kind === "stopping" || this.state.kind === "stopped") return;
    this.#watchdog?.stop();
    this.#lifecycle.failed(error);
    this.#starting?.reject(error);
  }

  #stopWithin(timeoutMs: number): Promise<void> {
    return (this.#stopped ??= this.#stop(timeoutMs));
  }

  async #stop(timeoutMs: number): Promise<void> {
    this.#watchdog?.stop();
    const session = this.#session;
    if (session !== undefined) {
      this.#lifecycle.stopping();
      // Whoever waits for `start()` hears of it; nobody else has to.
      this.#started?.catch(() => undefined);
      this.#starting?.reject(
        new DeliveryError("CONSUMER_FAILED", `the consumer of "${this.queue}" was stopped`),
      );
      await shutDown(session, timeoutMs);
    }
    this.#lifecycle.stopped();
  }
}
