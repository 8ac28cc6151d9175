import { connect, type Connection, type WireChannel, withDeadline } from "@warren/connection";
import type { Confirmation, ErrorCode, Publishing, PublishError, WarrenError } from "@warren/message";
import { startFaultProxy } from "@warren/testing";
import { useBroker } from "@warren/testing/vitest";
import { array, assert, asyncProperty, constantFrom } from "fast-check";
import { expect, test } from "vitest";
import { createPublisher, type Publisher } from "../publisher.ts";
import { drain } from "./fault-run.test-support.ts";

const broker = useBroker();

/** With what a call may fail once something is closed, or cut while it is on its way. */
const ends: ReadonlySet<ErrorCode> = new Set([
  "PUBLISHER_CLOSED",
  "CONNECTION_CLOSED",
  "PUBLISH_UNKNOWN",
  "REQUEST_LOST",
  "REQUEST_TIMEOUT",
]);

/** What became of the publishes of all races, by their message ids. */
class Fates {
  readonly confirmed = new Set<number>();
  readonly notStored = new Set<number>();
  #last = 0;

  nextId(): number {
    return ++this.#last;
  }

  note({ messageId, ...outcome }: Confirmation): void {
    if (outcome.status === "confirmed") this.confirmed.add(Number(messageId));
    else if (outcome.stored === "no") this.notStored.add(Number(messageId));
  }
}

/** A connection, a publisher on it, and all that was called on them. */
class Race {
  readonly #connection: Connection;
  readonly #publisher: Publisher;
  readonly #queue: string;
  readonly #fates: Fates;
  readonly #calls: Promise<unknown>[] = [];
  readonly failures: WarrenError[] = [];

  constructor(connection: Connection, queue: string, fates: Fates) {
    this.#connection = connection;
    this.#publisher = createPublisher(connection, { requestTimeoutMs: 100 });
    this.#queue = queue;
    this.#fates = fates;
  }

  publish(): void {
    const note = (outcome: Confirmation): void => this.#fates.note(outcome);
    this.#call(
      this.#publisher.publish(this.#next()).then(note, (error: PublishError) => {
        note(error.outcome);
        throw error;
      }),
    );
  }

  publishAll(): void {
    const outcomes = this.#publisher.publishAll([this.#next(), this.#next(), this.#next()]);
    this.#call(outcomes.then((all) => all.forEach((outcome) => this.#fates.note(outcome))));
  }

  request(): void {
    this.#call(this.#publisher.request({ exchange: "", routingKey: this.#queue, body: Buffer.from("?") }));
  }

  flush(): void {
    this.#call(this.#publisher.flush());
  }

  closePublisher(): void {
    this.#call(this.#publisher.close({ timeoutMs: 300 }));
  }

  closeConnection(): void {
    this.#call(this.#connection.close({ timeoutMs: 300 }));
  }

  /** Rejects when something did not settle within that time. */
  async settled(withinMs: number): Promise<void> {
    await withDeadline(Promise.all(this.#calls), withinMs, "a race");
    expect(this.#connection.state.kind).toBe("closed");
    await expect(this.#publisher.publish(this.#next())).rejects.toMatchObject({
      code: expect.stringMatching(/^(PUBLISHER|CONNECTION)_CLOSED$/) as string,
      outcome: { status: "refused", stored: "no" },
    });
  }

  #next(): Publishing {
    const messageId = String(this.#fates.nextId());
    return { exchange: "", routingKey: this.#queue, messageId, body: Buffer.from("x") };
  }

  #call(work: Promise<unknown>): void {
    this.#calls.push(work.catch((error: WarrenError) => this.failures.push(error)));
  }
}

test("[C35] publishes, requests, flushes, closes and cuts in any order settle in time, with one of five errors, and tell the truth", async () => {
  await using proxy = await startFaultProxy({ target: broker });
  await using direct = await connect(broker.url);
  const queue = broker.name("q");
  const onBroker = <T>(act: (channel: WireChannel) => Promise<T>): Promise<T> =>
    direct.channels.withChannel(act);
  await onBroker((channel) =>
    channel.declareQueue(queue, { durable: true, exclusive: false, autoDelete: false, arguments: {} }),
  );
  const fates = new Fates();
  const moves: Readonly<Record<string, (race: Race) => unknown>> = {
    publish: (race) => race.publish(),
    publishAll: (race) => race.publishAll(),
    request: (race) => race.request(),
    flush: (race) => race.flush(),
    "close the publisher": (race) => race.closePublisher(),
    "close the connection": (race) => race.closeConnection(),
    "answers held back": () => proxy.connections.forEach((live) => live.blackHole("toClient")),
    reset: () => proxy.reset(),
    "a turn": () => new Promise((resolve) => setImmediate(resolve)),
    "a round trip": () => onBroker((channel) => channel.checkQueue(queue)),
  };
  await assert(
    asyncProperty(
      array(constantFrom(...Object.keys(moves)), { minLength: 2, maxLength: 14 }),
      async (names) => {
        const connection = await connect(proxy.url(broker.url), { reconnect: { baseMs: 1, maxMs: 10 } });
        const race = new Race(connection, queue, fates);
        for (const name of names) await moves[name]!(race);
        race.closeConnection();
        await race.settled(8_000);
        expect(race.failures.filter(({ code }) => !ends.has(code))).toEqual([]);
      },
    ),
    { numRuns: 50 },
  );
  const stored = new Set(await drain(direct, queue));
  await onBroker((channel) => channel.deleteQueue(queue));
  expect([...fates.confirmed].filter((id) => !stored.has(id))).toEqual([]);
  expect([...fates.notStored].filter((id) => stored.has(id))).toEqual([]);
  expect(fates.confirmed.size).toBeGreaterThan(20);
});
