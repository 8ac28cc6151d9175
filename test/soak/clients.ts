import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { endProblems } from "../faults/checkers/process-end.ts";
import { Client } from "./client.ts";
import type { ConsumingOrders, PublishingOrders } from "./client-orders.ts";
import type { SoakedBroker } from "./soaked-broker.ts";
import type { SoakOptions } from "./soak-options.ts";
import { processesPerRole } from "./soak-topology.ts";

const lookEveryMs = 50;
const stopTimeoutMs = 60_000;
/** However slow the broker is, the publishers get on within this. */
const standstillMs = 300_000;

/** All client processes of a soak. */
export class Clients implements AsyncDisposable {
  readonly publishers: readonly Client[];
  readonly consumers: readonly Client[];
  readonly #messages: number;
  #until = 0;

  private constructor(publishers: readonly Client[], consumers: readonly Client[], messages: number) {
    this.publishers = publishers;
    this.consumers = consumers;
    this.#messages = messages;
  }

  static async start(options: SoakOptions, broker: SoakedBroker, folder: string): Promise<Clients> {
    const { messages, minutes, ackEarly } = options;
    const perMs = minutes === 0 ? Infinity : messages / (minutes * 60_000);
    const each = <Made>(role: string, make: (orders: NamedOrders, index: number) => Made): Made[] =>
      Array.from({ length: processesPerRole }, (_, index) => {
        const name = `${role}-${index}`;
        return make({ name, broker: options.broker, ledger: join(folder, `${name}.ledger`) }, index);
      });
    const publishers = each("publisher", (orders, first) =>
      Client.start<PublishingOrders>("./publishing.program.ts", broker.nodes, {
        ...orders,
        first,
        step: processesPerRole,
        messages,
        epochMs: Date.now(),
        // JSON has no Infinity.
        perMs: Math.min(perMs, Number.MAX_SAFE_INTEGER),
      }),
    );
    const consumers = each("consumer", (orders) =>
      Client.start<ConsumingOrders>("./consuming.program.ts", broker.nodes, { ...orders, ackEarly }),
    );
    return new Clients(await Promise.all(publishers), await Promise.all(consumers), messages);
  }

  get all(): readonly Client[] {
    return [...this.publishers, ...this.consumers];
  }

  /** How far the slower publisher is. */
  get reached(): number {
    return Math.min(...this.publishers.map(({ reached }) => reached));
  }

  /** The publishers may go up to this number, and never less far than before. */
  allow(until: number): void {
    if (until <= this.#until) return;
    this.#until = until;
    for (const publisher of this.publishers) publisher.allow(until);
  }

  /** So many more. */
  letOn(count: number): void {
    this.allow(this.#until + count);
  }

  /** Fulfilled once every process is connected. */
  async started(): Promise<void> {
    await Promise.all(this.all.map((client) => client.working()));
  }

  /** Fulfilled when both publishers are that far. */
  async untilReached(number: number): Promise<void> {
    let last = this.reached;
    let movedAt = performance.now();
    while (this.reached < Math.min(number, this.#messages)) {
      if (this.reached !== last) movedAt = performance.now();
      last = this.reached;
      if (performance.now() - movedAt > standstillMs)
        throw new Error(`the publishers stand still at ${last}: ${this.complaints.join("; ")}`);
      await setTimeout(lookEveryMs);
    }
  }

  /** Fulfilled when everything is published and settled. */
  async published(): Promise<void> {
    this.allow(Number.MAX_SAFE_INTEGER);
    await this.untilReached(this.#messages);
    const deadline = performance.now() + standstillMs;
    while (!this.publishers.every(({ report }) => report?.idle === true)) {
      if (performance.now() > deadline) throw new Error("publishes that were sent do not settle");
      await setTimeout(lookEveryMs);
    }
  }

  /** No process has anything to do, as it said after the call. */
  async atRest(): Promise<boolean> {
    for (const client of this.all) client.report = undefined;
    while (this.all.some(({ report }) => report === undefined)) await setTimeout(lookEveryMs);
    return this.all.every(({ report }) => report!.idle);
  }

  /** What they printed to standard error, and ends that nobody asked for. */
  get complaints(): readonly string[] {
    return this.all.flatMap(({ complaints }) => complaints);
  }

  /** Ends all of them in order, and says what is wrong with their ends. */
  async stop(): Promise<readonly string[]> {
    const ends = await Promise.all(this.all.map((client) => client.stop(stopTimeoutMs)));
    return ends.flatMap((end, index) =>
      endProblems(end, { code: 0, withinMs: stopTimeoutMs }).map(
        (problem) => `${this.all[index]!.name}: ${problem}`,
      ),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.all.map((client) => client[Symbol.asyncDispose]()));
  }
}

type NamedOrders = Omit<ConsumingOrders, "urls" | "ackEarly">;
