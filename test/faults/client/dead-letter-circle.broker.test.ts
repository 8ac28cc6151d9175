import { connect, defineTopology, deleteTopology } from "@warren/connection";
import { createConsumer, onAny } from "@warren/consumer";
import { createPublisher } from "@warren/publisher";
import { useBroker } from "@warren/testing/vitest";
import { expect, test } from "vitest";
import { Seen } from "../../guarantees/seen.ts";

const broker = useBroker();

/** Two queues that give each other their dead letters. */
function circle(messageTtlMs?: number) {
  const [a, b] = [broker.name("a"), broker.name("b")];
  const queue = (other: string) => ({
    retry: false as const,
    deadLetter: { queue: other },
    ...(messageTtlMs === undefined ? {} : { messageTtlMs }),
  });
  return { a, b, topology: defineTopology({ queues: { [a]: queue(b), [b]: queue(a) } }) };
}

test("[C26] in a circle of dead letters each hop of a failing message is counted as an attempt, so that a handler can end it", async () => {
  const { a, b, topology } = circle();
  expect(topology.warnings.map(({ text }) => text)).toContainEqual(
    expect.stringContaining(`${a} → ${b} → ${a}`),
  );
  await using connection = await connect(broker.url, { topology });
  const hops = new Seen<string>();
  const most = 6;
  const consumers = [a, b].map((name) =>
    createConsumer(connection, {
      queue: topology.queues[name]!,
      handlers: [
        onAny(({ attempt, queue }) => {
          hops.add(`${queue === a ? "a" : "b"} ${attempt}`);
          if (attempt < most) throw new Error("not here");
        }),
      ],
    }),
  );
  await Promise.all(consumers.map((consumer) => consumer.start()));
  await using publisher = createPublisher(connection);
  await publisher.publish({ exchange: "", routingKey: a, body: Buffer.from("x") });
  await hops.until(most);
  await Promise.all(consumers.map((consumer) => consumer.idle()));
  expect(hops.items).toEqual(["a 1", "b 2", "a 3", "b 4", "a 5", "b 6"]);
  await Promise.all(consumers.map((consumer) => consumer.stop()));
  await deleteTopology(connection, topology);
});

test("[C26] a message that only expires in a circle is dropped by the broker when it comes back, as the warning says", async () => {
  const { a, b, topology } = circle(20);
  await using connection = await connect(broker.url, { topology });
  await using publisher = createPublisher(connection);
  await publisher.publish({ exchange: "", routingKey: a, body: Buffer.from("x") });
  const messageCount = (queue: string): Promise<number> =>
    connection.channels.withChannel(async (channel) => (await channel.checkQueue(queue)).messageCount);
  /** Of many looks, since it is nowhere while it is on its way. */
  const most = async (): Promise<number> => {
    let highest = 0;
    for (let look = 0; look < 40; look++)
      highest = Math.max(highest, await messageCount(look % 2 === 0 ? a : b));
    return highest;
  };
  await expect.poll(most, { timeout: 10_000 }).toBe(0);
  await deleteTopology(connection, topology);
});
