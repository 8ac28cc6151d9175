/** A service that keeps the order of a key and never ends "eu-2": `node takeover.program.ts URL QUEUE`. */
import { connect, defineTopology } from "@warren/connection";
import { createConsumer, on } from "@warren/consumer";
import { defineMessage } from "@warren/message";
import { z } from "zod";

const [url = "", queue = ""] = process.argv.slice(2);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const Order = defineMessage({
  type: "order",
  exchange: queue,
  routingKey: "order.placed",
  schema: z.object({ id: z.string() }),
});
const topology = defineTopology({ queues: { [queue]: { singleActiveConsumer: true } } });
const connection = await connect(url, { topology, declare: "none" });
const consumer = createConsumer(connection, {
  queue: topology.queues[queue]!,
  handlers: [
    on(
      Order as never,
      async ({ id }: { id: string }) => {
        say(`begins ${id}`);
        if (id === "eu-2") await new Promise(() => undefined);
        say(`ends ${id}`);
      },
      { orderBy: () => "eu" },
    ),
  ],
});
await consumer.start();
