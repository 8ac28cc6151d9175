import { describe, expect, it } from "vitest";
import { on } from "./handling/handler.ts";
import { createWorld, Gate, Seen } from "./world.test-support.ts";

const messageCount = 220;
const concurrency = 200;
const rounds = 5;

type Ending = "stop()" | "close() of the connection";
type Moment = "before" | "after";

/**
 * A quorum queue answers acks by itself only up to some 32 frames; the others wait in the broker's channel, and a close
 * forgets them. Each round writes 199 single ones, since the oldest delivery is not finished, and ends at once.
 */
export function stopAcksSuite(url: () => string): void {
  describe("an end amid many single acks of a quorum queue", () => {
    it.for<[Ending, Moment]>([
      ["stop()", "before"],
      ["stop()", "after"],
      ["close() of the connection", "after"],
    ])(
      "gives nothing back that was finished: %s, with handlers that end %s it was called",
      async ([ending, moment]) => {
        for (let round = 0; round < rounds; round++)
          expect(await finishedAndGivenBack(url(), ending, moment)).toEqual([]);
      },
    );
  });
}

async function finishedAndGivenBack(url: string, ending: Ending, moment: Moment): Promise<string[]> {
  await using world = await createWorld(url);
  const [begun, finished] = [new Seen<string>(), new Seen<string>()];
  const [oldest, others] = [new Gate(), new Gate()];
  const ids = Array.from({ length: messageCount }, (_, index) => `m${index}`);
  await Promise.all(ids.map((id) => world.order(id)));
  const consumer = await world.started({
    concurrency,
    prefetch: concurrency,
    handlers: [
      on(world.Order, async ({ id }) => {
        const first = begun.add(id) === 1;
        await (first ? oldest : others).opened;
        finished.add(id);
      }),
    ],
  });
  await begun.until(concurrency);
  const end = (): Promise<void> => (ending === "stop()" ? consumer.stop() : world.connection.close());
  if (moment === "before") {
    others.open();
    await finished.until(concurrency - 1);
  }
  const ended = end();
  if (moment === "after") {
    // Two round trips on another channel are longer than the one that cancels the consumer.
    await world.ready();
    await world.ready();
    others.open();
    await finished.until(concurrency - 1);
  }
  // The single acks are written at the end of the turn, before the oldest one is finished.
  setImmediate(() => setImmediate(() => oldest.open()));
  await ended;
  const count = await world.ready();
  const left = count === 0 ? [] : await world.take(count, world.queue.name);
  return left.map(({ properties }) => properties.messageId!).filter((id) => finished.items.includes(id));
}
