/**
 * A service whose handler throws after it has answered: `node late-throw.program.ts URL QUEUE MODE`. With the mode "listens" it
 * listens to what nobody caught, and goes on; without, it is as Node made it.
 */
import { connect } from "@warren/connection";
import { createConsumer, onAny } from "@warren/consumer";
import { diagnostics } from "@warren/message";

const [url = "", queue = "", mode = ""] = process.argv.slice(2);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

if (mode === "listens") process.on("uncaughtException", (error) => say(`uncaught ${error.message}`));
diagnostics.settle.subscribe(({ delivery, acknowledgement }) =>
  say(`settled ${delivery.messageId} ${acknowledgement.action}`),
);
const connection = await connect(url);
const consumer = createConsumer(connection, {
  queue,
  concurrency: 1,
  handlers: [
    onAny(({ messageId }) => {
      if (messageId === "throws") setTimeout(throwLate);
      if (messageId === "rejects") void Promise.reject(new Error("nobody waits for it"));
    }),
  ],
});

function throwLate(): never {
  throw new Error("too late");
}
process.once("SIGTERM", () => void connection.close());
await consumer.start();
say(`listeners ${process.listenerCount("uncaughtException") + process.listenerCount("unhandledRejection")}`);
