/**
 * A service that dies where it is told to: `node failpoint.program.ts URL QUEUE EFFECTS FAILPOINT`. What it does for a message is a
 * line in the file EFFECTS, which is its memory of the ids that it has handled as well: both are written at once, as in a
 * transaction.
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { connect, defineTopology } from "@warren/connection";
import { createConsumer, deduplicate, onAny } from "@warren/consumer";
import { diagnostics } from "@warren/message";

const [url = "", queue = "", effects = "", failpoint = ""] = process.argv.slice(2);
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const die = (): void => void process.kill(process.pid, "SIGKILL");

const topology = defineTopology({ queues: { [queue]: { retry: { delaysMs: [50, 100] } } } });
const connection = await connect(url, { topology, declare: "none" });
const consumer = createConsumer(connection, {
  queue: topology.queues[queue]!,
  concurrency: 1,
  prefetch: 1,
  middleware: [
    (delivery, next) => {
      say(`delivered ${delivery.messageId}${delivery.redelivered ? " again" : ""}`);
      return next(delivery);
    },
    deduplicate({
      store: {
        has: (id) => existsSync(effects) && readFileSync(effects, "utf8").split("\n").includes(id),
        add: () => undefined,
      },
    }),
  ],
  handlers: [
    onAny(({ messageId, deliveryCount = 0 }) => {
      if (failpoint === "exit") {
        say(`count ${deliveryCount}`);
        process.exit(70);
      }
      if (failpoint === "after-move") throw new Error("not now");
      appendFileSync(effects, `${messageId}\n`);
      if (failpoint === "after-effect") die();
      say(`handled ${messageId}`);
    }),
  ],
});
if (failpoint === "after-move")
  diagnostics.confirm.subscribe(({ purpose }) => {
    if (purpose === "move") die();
  });
process.once("SIGTERM", () => void connection.close());
await consumer.start();
