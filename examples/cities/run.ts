import { connect, countMessages, deleteTopology, type MessageCounts } from "@warren/connection";
import { createConsumer, on } from "@warren/consumer";
import { diagnostics, retry } from "@warren/message";
import { createPublisher } from "@warren/publisher";
import { claimNames } from "./claim.ts";
import {
  type City,
  CityRecorded,
  failsAlways,
  failsOnce,
  recordedCities,
  retryDelaysMs,
  topology,
} from "./city.ts";
import { Countdown } from "./countdown.ts";
import { type Audit, audit, Ledger } from "./ledger.ts";
import { Progress } from "./progress.ts";
import { replayDeadLetters } from "./replay.ts";

export interface RunOptions {
  readonly url: string;
  /** Takes only every n-th city. @default 1, all 171,075 */
  readonly every?: number;
  /** Where the ledger is written; the file must not exist. */
  readonly ledgerPath: string;
  /** For the test of the ledger: the handler of the city with this id claims success without having worked. */
  readonly sabotage?: string;
  /** How long nothing may happen before the run stops waiting and lets the ledger speak. @default 30_000 */
  readonly quietMs?: number;
  readonly signal?: AbortSignal;
}

export interface Report {
  readonly audits: readonly Audit[];
  readonly confirmed: number;
  readonly handled: number;
  readonly retries: number;
  readonly deadLettered: number;
  /** What the handlers fail on purpose; a lost connection may add to it. */
  readonly meant: { readonly retries: number; readonly deadLettered: number };
  /** How many publishes wait for their confirms at a time. */
  readonly inFlight: number;
  readonly replayed: number;
  readonly publishSeconds: number;
  readonly totalSeconds: number;
  /** Latencies of all confirms, in milliseconds. */
  readonly confirmMs: readonly number[];
}

/** The example's own window; what is more than the publisher's limit of unconfirmed publishes waits in its buffer. */
const inFlight = 5_000;

const { "warren.cities.all": all, "warren.cities.japan": japan } = topology.queues;

/** The whole job: publish, consume, fail some, retry, dead-letter, replay, and prove that every id was handled. */
export async function runCities({
  url,
  every = 1,
  ledgerPath,
  sabotage,
  quietMs = 30_000,
  signal,
}: RunOptions): Promise<Report> {
  const cities = recordedCities(every);
  const expected = [
    { queue: all.name, published: new Set(cities.map(({ id }) => id)) },
    {
      queue: japan.name,
      published: new Set(cities.filter(({ country }) => country === "JP").map(({ id }) => id)),
    },
  ];
  const deliveries = expected.reduce((sum, { published }) => sum + published.size, 0);
  const meant = failuresMeant([...cities, ...cities.filter(({ country }) => country === "JP")]);
  const counts = { confirmed: 0, handled: 0, retries: 0, deadLettered: 0 };
  // Closed after the consumers, whose handlers write to it.
  await using ledger = new Ledger(ledgerPath);
  /** Handled or dead-lettered; after the replay, handled at last. */
  let settled = new Countdown(deliveries, quietMs);
  let mended = false;

  const handlerFor = (queue: string) =>
    on(CityRecorded, (city, { attempt }) => {
      if (failsAlways(city) && !mended) throw new Error(`${city.name} cannot be handled yet`);
      if (failsOnce(city) && attempt === 1) return retry({ reason: "the first attempt fails on purpose" });
      if (city.id !== sabotage) ledger.record(queue, "handled", city.id);
      counts.handled++;
      settled.add();
      return undefined;
    });
  const countRetry = (): void => {
    counts.retries++;
  };
  const countDeadLetter = (): void => {
    counts.deadLettered++;
    settled.add();
  };

  await using connection = await connect(url, { topology, declare: "none", name: "warren cities" });
  await claimNames(connection);
  await connection.declare();
  await using _cleanup = {
    [Symbol.asyncDispose]: () => deleteTopology(connection, topology),
  };
  await using publisher = createPublisher(connection);
  await using everywhere = createConsumer(connection, {
    queue: all,
    handlers: [handlerFor(all.name)],
    concurrency: 200,
  });
  await using inJapan = createConsumer(connection, {
    queue: japan,
    handlers: [handlerFor(japan.name)],
    concurrency: 20,
  });
  using _progress = new Progress(
    () =>
      `confirmed ${counts.confirmed} of ${cities.length}, handled ${counts.handled} of ${deliveries}, retried ${counts.retries}, dead-lettered ${counts.deadLettered}`,
  );
  diagnostics.retry.subscribe(countRetry);
  diagnostics.deadLetter.subscribe(countDeadLetter);
  try {
    await Promise.all([everywhere.start(), inJapan.start()]);

    const startedAt = performance.now();
    const confirmMs: number[] = [];
    for (let from = 0; from < cities.length; from += inFlight) {
      signal?.throwIfAborted();
      const batch = cities.slice(from, from + inFlight);
      const confirmations = await Promise.all(
        batch.map((city) => publisher.publish(CityRecorded, city, { messageId: city.id })),
      );
      for (const { latencyMs } of confirmations) confirmMs.push(latencyMs);
      counts.confirmed = confirmMs.length;
    }
    const publishSeconds = (performance.now() - startedAt) / 1_000;
    await settled.reached(signal);
    const totalSeconds = (performance.now() - startedAt) / 1_000;

    mended = true;
    settled = new Countdown(counts.deadLettered, quietMs);
    const replayed = new Countdown(counts.deadLettered, quietMs);
    {
      await using _all = await replayDeadLetters(connection, publisher, all, ledger, replayed);
      await using _japan = await replayDeadLetters(connection, publisher, japan, ledger, replayed);
      await replayed.reached(signal);
      await settled.reached(signal);
    }
    await Promise.all([everywhere.stop(), inJapan.stop()]);
    await ledger.close();
    const left = await Promise.all(
      [all, japan].map(async (queue) => sum(await countMessages(connection, queue))),
    );
    const audits = await audit(
      ledger.path,
      expected.map((each, index) => ({ ...each, left: left[index]! })),
    );
    return {
      audits,
      ...counts,
      meant,
      inFlight,
      replayed: replayed.count,
      publishSeconds,
      totalSeconds,
      confirmMs,
    };
  } finally {
    diagnostics.retry.unsubscribe(countRetry);
    diagnostics.deadLetter.unsubscribe(countDeadLetter);
  }
}

function failuresMeant(delivered: readonly City[]): Report["meant"] {
  const deadLettered = delivered.filter(failsAlways).length;
  return { deadLettered, retries: delivered.filter(failsOnce).length + deadLettered * retryDelaysMs.length };
}

const sum = ({ queue, retry: waiting, dead }: MessageCounts): number => queue + waiting + dead;
