import type { FieldTable, FieldValue } from "../../codec/field-table.ts";
import type { Properties } from "../../codec/properties.ts";
import { ManualClock } from "../../manual-clock.ts";
import { type BrokerVersion, versionRules } from "../../version.ts";
import type { Message } from "../message.ts";
import { createQueue } from "./create-queue.ts";
import type { DeadLetter, Queue, QueueConsumer, QueueDelivery, Settlement } from "./queue.ts";

/** Field values of plain ones: integers become int32, texts longstr. */
export function table(plain: Readonly<Record<string, string | number | boolean>>): FieldTable {
  return new Map(Object.entries(plain).map(([key, value]) => [key, field(value)]));
}

function field(value: string | number | boolean): FieldValue {
  if (typeof value === "number") return { type: "int32", value };
  if (typeof value === "boolean") return { type: "boolean", value };
  return { type: "longstr", value: Buffer.from(value) };
}

/** Text where a field is text, numbers where it is a number, objects and arrays of those. */
export function plain(value: FieldValue | undefined): unknown {
  if (value === undefined) return undefined;
  switch (value.type) {
    case "void":
      return undefined;
    case "longstr":
    case "bytes":
      return value.value.toString();
    case "array":
      return value.value.map((item) => plain(item));
    case "table":
      return plainTable(value.value);
    case "int64":
    case "timestamp":
      return Number(value.value);
    default:
      return value.value;
  }
}

export function plainTable(fields: FieldTable): Record<string, unknown> {
  return Object.fromEntries(Array.from(fields, ([key, value]) => [key, plain(value)]));
}

/** A consumer with a prefetch that remembers what it got. */
export class FakeConsumer implements QueueConsumer {
  readonly tag: string;
  readonly noAck: boolean;
  readonly exclusive: boolean;
  readonly arguments: FieldTable;
  readonly prefetchCount: number;
  /** What it has not settled. */
  readonly held: QueueDelivery[] = [];
  /** The bodies of all that it got. */
  readonly got: string[] = [];
  cancelledCount = 0;

  constructor(options: {
    readonly tag?: string;
    readonly noAck?: boolean;
    readonly exclusive?: boolean;
    readonly prefetchCount?: number;
    readonly arguments?: FieldTable;
  }) {
    this.tag = options.tag ?? "consumer";
    this.noAck = options.noAck ?? false;
    this.exclusive = options.exclusive ?? false;
    this.prefetchCount = options.prefetchCount ?? 0;
    this.arguments = options.arguments ?? new Map();
  }

  hasRoom(): boolean {
    return this.prefetchCount === 0 || this.held.length < this.prefetchCount;
  }

  deliver(delivery: QueueDelivery): void {
    this.got.push(bodyOf(delivery));
    if (!this.noAck) this.held.push(delivery);
  }

  cancelled(): void {
    this.cancelledCount++;
  }

  /** Settles what it holds of those bodies, all without any. */
  settle(queue: Queue, how: Settlement, ...bodies: string[]): void {
    const ending = this.held.filter((delivery) => bodies.length === 0 || bodies.includes(bodyOf(delivery)));
    for (const delivery of ending) this.held.splice(this.held.indexOf(delivery), 1);
    queue.settle(ending, how);
  }
}

export function bodyOf({ message }: { readonly message: Message }): string {
  return message.body.toString();
}

/** A queue with nothing around it but a clock that stands still and a record of what it asked for. */
export interface QueueStage {
  readonly queue: Queue;
  readonly clock: ManualClock;
  readonly letters: DeadLetter[];
  /** How often the queue asked to be removed. */
  readonly removals: () => number;
  readonly publish: (...bodies: string[]) => ("accepted" | "rejected")[];
  readonly publishWith: (properties: Properties, ...bodies: string[]) => ("accepted" | "rejected")[];
  readonly consume: (options?: ConstructorParameters<typeof FakeConsumer>[0]) => FakeConsumer;
  /** What is left, in order, through `basic.get` with noAck. */
  readonly drain: () => string[];
}

export function stageQueue(
  args: Readonly<Record<string, string | number | boolean>> = {},
  options: {
    readonly name?: string;
    readonly version?: BrokerVersion;
    readonly autoDelete?: boolean;
  } = {},
): QueueStage {
  const clock = new ManualClock();
  const letters: DeadLetter[] = [];
  let removals = 0;
  const declaration = {
    name: options.name ?? "q",
    durable: true,
    exclusive: false,
    autoDelete: options.autoDelete ?? false,
    arguments: table(args),
  };
  const queue = createQueue(declaration, undefined, {
    rules: versionRules[options.version ?? "3.10"],
    clock,
    surroundings: {
      vhost: "/",
      deadLetter: (letter) => letters.push(letter),
      remove: () => removals++,
    },
  });
  const publishWith = (properties: Properties, ...bodies: string[]): ("accepted" | "rejected")[] =>
    bodies.map((body) =>
      queue.publish({ exchange: "x", routingKey: "k", properties, body: Buffer.from(body) }),
    );
  return {
    queue,
    clock,
    letters,
    removals: () => removals,
    publish: (...bodies) => publishWith({}, ...bodies),
    publishWith,
    consume: (consumerOptions = {}) => {
      const consumer = new FakeConsumer(consumerOptions);
      queue.consume(consumer);
      return consumer;
    },
    drain: () => {
      const bodies: string[] = [];
      for (let next = queue.get(true); next !== undefined; next = queue.get(true)) bodies.push(bodyOf(next));
      return bodies;
    },
  };
}
