import { connect } from "./connect.ts";

/** A program of its own for the tests of the end: a URL, and how it is to end. It tells what it does. */
const [url = "", mode] = process.argv.slice(2);
const say = (word: string): void => void process.stdout.write(`${word}\n`);

process.on("warning", ({ message }) => say(`warning: ${message}`));
const connection = await connect(url);
const publisher = connection.channels.confirm();
const toNobody = { exchange: "amq.fanout", routingKey: "", body: Buffer.from("x"), mandatory: false };
await publisher.publish(toNobody);
connection.channels.consume({
  queue: "amq.rabbitmq.reply-to",
  noAck: true,
  prefetch: 0,
  delivered: () => undefined,
  up: () => say("ready"),
  closing: async () => {
    if (mode === "stuck") {
      say("stuck");
      await new Promise(() => undefined);
    }
    const { status } = await publisher.publish(toNobody);
    say(`finishing: ${status}`);
  },
});
say(`listeners: ${process.listenerCount("SIGTERM")}`);
if (mode?.startsWith("others") === true) process.on("SIGTERM", () => say("another listener"));
if (mode === "others") connection.closeOnSignals();
if (mode === "others-after" || mode === "others-stuck" || mode === "others-failing")
  connection.closeOnSignals({
    before: async () => {
      say(`before: ${connection.state.kind}`);
      if (mode === "others-failing") throw new Error("the server does not close");
    },
    after: async () => {
      say(`after: ${connection.state.kind}`);
      if (mode === "others-stuck") await new Promise(() => setInterval(() => undefined, 60_000));
    },
  });
if (mode === "two") {
  const other = await connect(url);
  other.closeOnSignals();
  connection.closeOnSignals();
}
if (mode === "signals" || mode === "stuck") connection.closeOnSignals();
if (mode === "told")
  process.once("SIGUSR2", () => void connection.close({ timeoutMs: 500 }).then(() => say("closed")));
if (mode === "close") {
  await connection.close();
  say("closed");
}
