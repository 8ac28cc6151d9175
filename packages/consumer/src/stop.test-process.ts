/**
 * A service of its own for tests of its end: `node stop.test-process.ts URL QUEUE MODE`. Handles messages until SIGTERM,
 * and tells what it does on standard output, a line each.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "@warren/connection";
import { createConsumer } from "./create-consumer.ts";
import { onAny } from "./handling/handler.ts";

const [url = "", queue = "", mode = ""] = process.argv.slice(2);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const connection = await connect(url);
const consumer = createConsumer(connection, {
  queue,
  concurrency: 5,
  prefetch: 20,
  handlers: [
    onAny(async ({ messageId }) => {
      say(`begin ${messageId}`);
      if (mode === "crash") process.exit(1);
      await sleep(mode === "stuck" ? 60_000 : 20);
      say(`end ${messageId}`);
    }),
  ],
});
process.once("SIGTERM", () => {
  void (async () => {
    await consumer.stop({ timeoutMs: 2_000 });
    await connection.close({ timeoutMs: 1_000 });
    process.exit(0);
  })();
});
await consumer.start();
say("started");
