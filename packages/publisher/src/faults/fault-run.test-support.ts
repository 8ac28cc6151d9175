import { performance } from "node:perf_hooks";
import { connect, type Connection } from "@warren/connection";
import { createPublisher, type Publisher } from "../publisher.ts";
import type { PublisherOptions } from "../publisher-options.ts";

/** What a run with faults came to, by number and not only by count. */
export interface RunLedger {
  readonly published: number;
  /** How many settled, by status. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Confirmed, and not in the queue. */
  readonly lost: readonly number[];
  /** How many were written a second time or oftener, each time counted: in flight when a connection was lost. */
  readonly replays: number;
  /** In the queue more than once: how many copies too many. */
  readonly duplicates: number;
  /** In the queue although the outcome says that nothing is stored. */
  readonly unexpected: readonly number[];
  /** First copies that came before one published earlier. */
  readonly inversions: number;
  readonly seconds: number;
}

export interface Run {
  readonly queue: string;
  readonly messages: number;
  readonly options: PublisherOptions;
  /** Called after each outcome with how many there are. */
  readonly settled?: (count: number, publisher: Publisher) => void;
}

interface Outcome {
  readonly status: string;
  readonly stored?: string;
  readonly attempts?: number;
}

/** Publishes numbers with faults under way, drains the queue afterwards, and compares. */
export async function runLedger(connection: Connection, run: Run): Promise<RunLedger> {
  const startedAt = performance.now();
  await using publisher = createPublisher(connection, run.options);
  const outcomes = new Map<number, Outcome>();
  const source = function* (): Generator<number> {
    for (let number = 0; number < run.messages; number++) yield number;
  };
  const lanes = run.options.maxInFlight ?? 1_000;
  const numbers = source();
  const lane = async (): Promise<void> => {
    for (const number of numbers) {
      const publishing = {
        exchange: "",
        routingKey: run.queue,
        messageId: `${number}`,
        body: bodyOf(number),
      };
      const outcome = await publisher.publish(publishing).catch((error: { outcome: never }) => error.outcome);
      outcomes.set(number, outcome);
      run.settled?.(outcomes.size, publisher);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  const seconds = (performance.now() - startedAt) / 1_000;
  const copies = await drain(connection, run.queue);
  return { ...compare(outcomes, copies), published: run.messages, seconds };
}

function bodyOf(number: number): Buffer {
  return Buffer.from(`${number}`.padStart(100, "."));
}

/** Reads everything in the queue: a last message, published behind all others, says when that is. */
export async function drain(connection: Connection, queue: string): Promise<readonly number[]> {
  const copies: number[] = [];
  let done = (): void => undefined;
  const finished = new Promise<void>((resolve) => (done = resolve));
  const consumer = connection.channels.consume({
    queue,
    prefetch: 2_000,
    noAck: true,
    delivered: ({ properties }) => {
      if (properties.messageId === "last") done();
      else copies.push(Number(properties.messageId));
    },
  });
  await using publisher = createPublisher(connection);
  await publisher.publish({ exchange: "", routingKey: queue, messageId: "last", body: Buffer.alloc(0) });
  await finished;
  await consumer.close();
  return copies;
}

function compare(
  outcomes: ReadonlyMap<number, Outcome>,
  copies: readonly number[],
): Omit<RunLedger, "published" | "seconds"> {
  const seen = new Set<number>();
  let highest = -1;
  let inversions = 0;
  for (const number of copies) {
    if (seen.has(number)) continue;
    seen.add(number);
    if (number < highest) inversions++;
    highest = Math.max(highest, number);
  }
  const counts: Record<string, number> = {};
  const lost: number[] = [];
  const unexpected: number[] = [];
  let replays = 0;
  for (const [number, { status, stored, attempts = 1 }] of outcomes) {
    replays += attempts - 1;
    counts[status] = (counts[status] ?? 0) + 1;
    if (status === "confirmed" && !seen.has(number)) lost.push(number);
    if (stored === "no" && seen.has(number)) unexpected.push(number);
  }
  return { outcomes: counts, lost, unexpected, replays, duplicates: copies.length - seen.size, inversions };
}

/** A durable quorum queue, old enough to survive a kill: younger than two seconds it may stay without a leader. */
export async function declareQuorumQueue(url: string, queue: string): Promise<void> {
  await using connection = await connect(url);
  await connection.channels.withChannel((channel) =>
    channel.declareQueue(queue, {
      durable: true,
      exclusive: false,
      autoDelete: false,
      arguments: { "x-queue-type": "quorum" },
    }),
  );
  await new Promise((resolve) => setTimeout(resolve, 2_500));
}
