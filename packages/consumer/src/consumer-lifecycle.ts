import { StatusFeed } from "@warren/connection";
import { DeliveryError, diagnostics, type WarrenError } from "@warren/message";
import type { ConsumerState, ConsumerStatus } from "./consumer-state.ts";

/** The state of a consumer: what changes it, and who hears of it. */
export class ConsumerLifecycle {
  readonly #queue: string;
  readonly #feeds = new Set<StatusFeed<ConsumerStatus>>();
  #state: ConsumerState = { kind: "idle" };
  /** Why it is not healthy although it consumes. */
  #complaint: WarrenError | undefined;

  constructor(queue: string) {
    this.#queue = queue;
  }

  get state(): ConsumerState {
    return this.#state;
  }

  /** Whether it is stopped or failed, or about to be stopped. */
  get over(): boolean {
    const { kind } = this.#state;
    return kind === "stopping" || kind === "stopped" || kind === "failed";
  }

  /** Whether it was started and is not over. */
  get live(): boolean {
    return this.#state.kind !== "idle" && !this.over;
  }

  get healthy(): boolean {
    return (
      (this.#state.kind === "consuming" || this.#state.kind === "paused") && this.#complaint === undefined
    );
  }

  status(): AsyncIterableIterator<ConsumerStatus> {
    const feed = new StatusFeed<ConsumerStatus>(() => this.#feeds.delete(feed));
    if (this.#state.kind === "stopped") feed.end();
    else this.#feeds.add(feed);
    return feed;
  }

  starting(): void {
    this.#set({ kind: "starting" });
  }

  up(): void {
    if (this.#state.kind === "starting" || this.#state.kind === "recovering") this.#set(this.#consuming());
  }

  lost(error: WarrenError): void {
    if (this.#state.kind === "consuming") this.#set({ kind: "recovering", error });
  }

  /** @param error none when there is nothing to complain of any more. */
  complains(error: WarrenError | undefined): void {
    this.#complaint = error;
    if (this.#state.kind === "consuming") this.#set(this.#consuming());
  }

  paused(): void {
    this.#set({ kind: "paused" });
  }

  /** @param ready whether there is a channel to consume on. */
  resumed(ready: boolean): void {
    this.#set(ready ? this.#consuming() : { kind: "recovering", error: undefined });
  }

  failed(error: unknown): void {
    this.#set({ kind: "failed", error });
  }

  stopping(): void {
    this.#set({ kind: "stopping" });
  }

  stopped(): void {
    this.#set({ kind: "stopped" });
    for (const feed of this.#feeds) feed.end();
    this.#feeds.clear();
  }

  /** For whoever asks it for what it cannot do in its state. */
  unusable(): DeliveryError {
    const { kind } = this.#state;
    const cause = "error" in this.#state ? { cause: this.#state.error } : {};
    const is = `the consumer of "${this.#queue}" is ${kind === "idle" ? "not started" : kind}`;
    return new DeliveryError(
      "CONSUMER_FAILED",
      this.over ? `${is}; make another one to consume again` : is,
      cause,
    );
  }

  #consuming(): ConsumerState {
    return this.#complaint === undefined
      ? { kind: "consuming" }
      : { kind: "consuming", error: this.#complaint };
  }

  #set(to: ConsumerState): void {
    const from = this.#state.kind;
    this.#state = to;
    const change: ConsumerStatus = {
      from,
      to: to.kind,
      ...("error" in to && to.error !== undefined ? { error: to.error } : {}),
    };
    diagnostics.consumerState.publish({ queue: this.#queue, ...change });
    for (const feed of this.#feeds) feed.push(change);
  }
}
