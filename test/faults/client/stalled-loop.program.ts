/**
 * A service whose first handler holds up the event loop: `node stalled-loop.program.ts URL QUEUE STALL_MS`. It tells what
 * happens on standard output, and ends on SIGTERM.
 */
import { connect } from "@warren/connection";
import { createConsumer, onAny } from "@warren/consumer";
import { diagnostics } from "@warren/message";

const [url = "", queue = "", stallMs = ""] = process.argv.slice(2);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

diagnostics.stall.subscribe(({ stalledMs }) => say(`stalled ${Math.round(stalledMs)}`));
diagnostics.staleSettle.subscribe(() => say("stale settle dropped"));
const consumingAgain = new Promise<void>((resolve) =>
  diagnostics.consumerState.subscribe(({ from, to }) => {
    if (from === "recovering" && to === "consuming") resolve();
  }),
);
const connection = await connect(url, { heartbeatSeconds: 1, reconnect: { baseMs: 10, maxMs: 100 } });
const consumer = createConsumer(connection, {
  queue,
  concurrency: 1,
  prefetch: 1,
  handlers: [
    onAny(async ({ messageId, redelivered }) => {
      if (messageId === "stalls" && !redelivered) {
        const until = performance.now() + Number(stallMs);
        while (performance.now() < until);
        // By its end the connection is another one, on which its tag is another delivery's.
        await consumingAgain;
      }
      say(`handled ${messageId}${redelivered ? " again" : ""}`);
    }),
  ],
});
process.once("SIGTERM", () => void connection.close());
await consumer.start();
say("started");
