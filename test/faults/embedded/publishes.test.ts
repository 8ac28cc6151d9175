import { connect, type Connection } from "@warren/connection";
import { createConsumer, on } from "@warren/consumer";
import { PublishError } from "@warren/message";
import { createPublisher, type Publisher, type PublisherOptions } from "@warren/publisher";
import { type EmbeddedBroker, startEmbeddedBroker } from "@warren/testing/broker";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readyCount, Scene } from "../../guarantees/scene.ts";
import { Seen } from "../../guarantees/seen.ts";
import { TotalQueue } from "../checkers/total-queue.ts";

let broker: EmbeddedBroker;
let scene: Scene;
let connection: Connection;

beforeEach(async () => {
  broker = await startEmbeddedBroker();
  scene = new Scene(broker.url);
  connection = await connect(broker.url, {
    topology: scene.topology,
    reconnect: { baseMs: 1, maxMs: 5 },
  });
});
afterEach(async () => {
  broker.faults.clear();
  await connection.close();
  await broker.close();
});

const publisherOf = (options?: PublisherOptions): Publisher => createPublisher(connection, options);

/** What became of so many publishes, in their order: `confirmed`, or a code with what is known of the message. */
async function outcomes(publisher: Publisher, count: number): Promise<readonly string[]> {
  const publishes = Array.from({ length: count }, (_, id) => publisher.publish(scene.Order, { id: `${id}` }));
  return Promise.all(
    publishes.map((publish) =>
      publish.then(
        ({ status }) => status,
        (error: unknown) => {
          if (!(error instanceof PublishError)) throw error;
          return `${error.code} ${(error.outcome as { stored: string }).stored}`;
        },
      ),
    ),
  );
}

const confirmed = (count: number): readonly string[] => Array.from({ length: count }, () => "confirmed");

test("where every tenth confirm is dropped, every publish ends by its deadline, and each tenth as stored maybe", async () => {
  await using publisher = publisherOf({ confirmTimeoutMs: 200 });
  const lost = broker.faults.dropConfirms({ every: 10, exchange: scene.exchange });
  const ended = await outcomes(publisher, 100);
  expect(ended.flatMap((outcome, index) => (outcome === "confirmed" ? [] : [[index + 1, outcome]]))).toEqual(
    Array.from({ length: 10 }, (_, index) => [10 * (index + 1), "PUBLISH_TIMEOUT maybe"]),
  );
  lost.remove();
  expect(await outcomes(publisher, 3)).toEqual(confirmed(3));
  expect(await readyCount(connection, scene.queue.name)).toBe(103);
});

test("confirms that overtake others settle the publishes that they are for", async () => {
  await using publisher = publisherOf();
  broker.faults.delayConfirms({ delayMs: 50, every: 3 });
  const settled: number[] = [];
  await Promise.all(
    Array.from({ length: 9 }, async (_, id) => {
      await publisher.publish(scene.Order, { id: `${id}` });
      settled.push(id + 1);
    }),
  );
  expect(settled).toEqual([1, 2, 4, 5, 7, 8, 3, 6, 9]);
});

test("a nack says that the message may be stored all the same, for it may", async () => {
  await using publisher = publisherOf();
  broker.faults.nackConfirms({ times: 1 });
  broker.faults.refusePublishes({ when: ({ body }) => body.includes('"2"') });
  expect(await outcomes(publisher, 4)).toEqual([
    "PUBLISH_NACKED maybe",
    "confirmed",
    "PUBLISH_NACKED maybe",
    "confirmed",
  ]);
  expect(await readyCount(connection, scene.queue.name)).toBe(3);
});

test.each([403, 404, 406] as const)(
  "one publish that is refused with %i takes no other with it, and no connection",
  async (replyCode) => {
    await using publisher = publisherOf();
    broker.faults.refusePublishes({ replyCode, when: ({ body }) => body.includes('"7"') });
    const sockets = broker.connections.map(({ name }) => name);
    const ended = await outcomes(publisher, 20);
    expect(ended).toEqual(confirmed(20).with(7, "PUBLISH_REFUSED no"));
    expect(broker.connections.map(({ name }) => name)).toEqual(expect.arrayContaining(sockets));
    expect(await readyCount(connection, scene.queue.name)).toBeGreaterThanOrEqual(19);
  },
);

test("one publish over which the broker closes the connection each time is given up, and no other with it", async () => {
  await using publisher = publisherOf();
  const refused = broker.faults.refusePublishes({ replyCode: 541, when: ({ body }) => body.includes('"7"') });
  expect(await outcomes(publisher, 20)).toEqual(confirmed(20).with(7, "PUBLISH_UNKNOWN maybe"));
  expect(refused.struckCount).toBeGreaterThan(1);
});

test("a publish for which the broker finds no queue is returned, and the next one is confirmed", async () => {
  await using publisher = publisherOf();
  broker.faults.unroutePublishes({ times: 2 });
  expect(await outcomes(publisher, 3)).toEqual(["PUBLISH_RETURNED no", "PUBLISH_RETURNED no", "confirmed"]);
});

test("a broker that confirms what it loses is found out by the ledger", async () => {
  const ledger = new TotalQueue();
  const seen = new Seen<string>();
  await using consumer = createConsumer(connection, {
    queue: scene.queue,
    handlers: [
      on(scene.Order, ({ id }) => {
        ledger.end(id);
        seen.add(id);
      }),
    ],
  });
  await using publisher = publisherOf();
  broker.faults.losePublishes({ every: 4 });
  for (const id of ["1", "2", "3", "4", "5"]) {
    ledger.attempt(id);
    await publisher.publish(scene.Order, { id });
    ledger.confirm(id);
  }
  await consumer.start();
  await seen.until(4);
  ledger.drained();
  expect(ledger.problems()).toEqual(["4 was confirmed and is lost"]);
});

test("publishers that are blocked wait, and nothing of it is lost", async () => {
  await using publisher = publisherOf({ maxInFlight: 5 });
  using blocked = broker.faults.blockPublishers({ reason: "low on disk" });
  const publishes = outcomes(publisher, 50);
  for await (const { to } of connection.status()) if (to === "blocked") break;
  expect(connection.state).toEqual({ kind: "blocked", reason: "low on disk" });
  expect(await readyCount(connection, scene.queue.name)).toBe(1);
  blocked.remove();
  expect(await publishes).toEqual(confirmed(50));
  expect(await readyCount(connection, scene.queue.name)).toBe(50);
});

describe("in the midst of publishes", () => {
  const channelCodes = [
    311, 312, 313, 320, 403, 404, 405, 406, 501, 502, 503, 504, 505, 506, 530, 540, 541,
  ] as const;

  /** What becomes of thirty, where it breaks once the third is stored and before its confirm leaves. */
  async function ended(breakIt: () => number): Promise<readonly string[]> {
    await using publisher = publisherOf({ maxInFlight: 10 });
    await publisher.publish(scene.Order, { id: "first" });
    const held = broker.faults.delayConfirms({ delayMs: 0, every: 3, times: 1 });
    const publishes = outcomes(publisher, 30);
    await held.struckTimes(1);
    expect(breakIt()).toBe(1);
    const all = await publishes;
    expect(await readyCount(connection, scene.queue.name)).toBeGreaterThanOrEqual(31);
    return all;
  }

  test.each(channelCodes)("a channel that is closed with %i costs none of them", async (replyCode) => {
    const all = await ended(() => broker.faults.closeChannels({ replyCode, of: "publishers" }));
    expect(all).toEqual(confirmed(30));
  });

  test.each([320, 501, 504, 541] as const)("a connection closed with %i costs none", async (replyCode) => {
    const all = await ended(() => broker.faults.closeConnections({ replyCode, of: "publishers" }));
    expect(all).toEqual(confirmed(30));
  });

  test("a connection that is cut costs none", async () => {
    const all = await ended(() => broker.faults.cutConnections({ of: "publishers" }));
    expect(all).toEqual(confirmed(30));
  });
});
