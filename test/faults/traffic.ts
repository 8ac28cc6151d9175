import { setTimeout } from "node:timers/promises";
import { connect, type Connection, countMessages } from "@warren/connection";
import { type Consumer, createConsumer, on } from "@warren/consumer";
import { type Confirmation, type ConnectionError, diagnostics, type PublishError } from "@warren/message";
import { createPublisher, type Publisher } from "@warren/publisher";
import type { Scene } from "../guarantees/scene.ts";
import { recorded, type Seen } from "../guarantees/seen.ts";
import { inversions, type Numbered } from "./checkers/key-order.ts";
import { TotalQueue } from "./checkers/total-queue.ts";

const reconnect = { baseMs: 20, maxMs: 200 };
const maxInFlight = 20;
const prefetch = 20;
const pauseMs = 50;
const names = ["publishing", "consuming"] as const;

export interface StateEvent {
  readonly connection: string;
  readonly to: string;
  readonly error?: ConnectionError;
}

/**
 * Publishes that never stop and a consumer of them, each on a connection of its own, while a test breaks the broker.
 * `end()` reads the queue to its end and says whether everything is accounted for.
 */
export class Traffic implements AsyncDisposable {
  readonly ledger = new TotalQueue();
  readonly #states: Seen<StateEvent> & Disposable = recorded<StateEvent>(diagnostics.connectionState);
  readonly failures: PublishError[] = [];
  readonly confirmations: Confirmation[] = [];
  readonly publishing: Connection;
  readonly consuming: Connection;
  readonly consumer: Consumer;
  readonly #scene: Scene;
  readonly #publisher: Publisher;
  readonly #seen: Numbered[] = [];
  readonly #lanes: Promise<void>[];
  #wanted = 0;
  #wake: () => void = () => undefined;
  #published = 0;
  #over = false;

  private constructor(scene: Scene, publishing: Connection, consuming: Connection) {
    this.#scene = scene;
    this.publishing = publishing;
    this.consuming = consuming;
    this.#publisher = createPublisher(publishing, { maxInFlight });
    this.consumer = createConsumer(consuming, {
      queue: scene.queue,
      prefetch,
      concurrency: 1,
      handlers: [
        on(scene.Order, ({ id }) => {
          this.ledger.end(id);
          this.#seen.push({ key: "all", number: Number(id) });
        }),
      ],
    });
    this.#lanes = Array.from({ length: maxInFlight }, () => this.#lane());
  }

  /** Each side takes the first host of its list that answers. */
  static async begin(
    scene: Scene,
    urls: { readonly publish: readonly string[]; readonly consume: readonly string[] },
  ): Promise<Traffic> {
    // No shuffling of the hosts.
    const options = { topology: scene.topology, reconnect, random: () => 1 };
    const publishing = await connect(urls.publish, { ...options, name: names[0] });
    const consuming = await connect(urls.consume, { ...options, name: names[1] });
    const traffic = new Traffic(scene, publishing, consuming);
    await traffic.consumer.start();
    return traffic;
  }

  /** Resolves when so many more publishes were confirmed and so many more messages were handled. */
  async flows(count: number): Promise<void> {
    const ended = this.ledger.ended(this.ledger.endedCount + count, 60_000);
    this.#wanted = this.confirmations.length + count;
    while (this.confirmations.length < this.#wanted)
      await new Promise<void>((resolve) => (this.#wake = resolve));
    await ended;
  }

  /** Ends the publishes, has everything handled, and says what is wrong with the ledger. */
  async end(): Promise<readonly string[]> {
    this.#over = true;
    await Promise.all(this.#lanes);
    const audit = this.ledger.audit();
    await this.ledger.ended(this.confirmations.length + audit.recovered.length, 30_000);
    await this.consumer.idle();
    const { queue, retry, dead } = await countMessages(this.consuming, this.#scene.queue);
    if (queue + retry + dead === 0) this.ledger.drained();
    return this.ledger.problems();
  }

  /** The connections that were lost so far, by name, with the reason. */
  get losses(): readonly StateEvent[] {
    return this.#states.items.filter(
      ({ connection, to }) => to === "reconnecting" && names.some((name) => name === connection),
    );
  }

  /** Messages that were handled before one that was published earlier, copies aside. */
  get inversions(): readonly Numbered[] {
    return inversions(this.#seen);
  }

  /** More than this many copies cannot come of so many losses of a connection or a leader. */
  maxDuplicates(losses: number): number {
    return losses * (maxInFlight + prefetch);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true;
    this.#states[Symbol.dispose]();
    await Promise.all([
      this.publishing.close({ timeoutMs: 2_000 }),
      this.consuming.close({ timeoutMs: 2_000 }),
    ]);
  }

  async #lane(): Promise<void> {
    while (!this.#over) {
      const id = `${this.#published++}`;
      this.ledger.attempt(id);
      try {
        this.confirmations.push(await this.#publisher.publish(this.#scene.Order, { id }));
        this.ledger.confirm(id);
      } catch (error) {
        this.failures.push(error as PublishError);
        if ((error as PublishError).outcome.stored === "no") this.ledger.refuse(id);
        // As an application would: a queue without a leader nacks at once.
        await setTimeout(pauseMs);
      }
      this.#wake();
    }
  }
}
