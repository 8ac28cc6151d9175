import { connect } from "./connect.ts";

/** A program of its own for the tests of the end: `url`, and whether it listens to signals. It tells what it does. */
const [url = "", mode] = process.argv.slice(2);
const say = (word: string): void => void process.stdout.write(`${word}\n`);

const connection = await connect(url);
const publisher = connection.confirmChannel();
const toNobody = { exchange: "amq.fanout", routingKey: "", body: Buffer.from("x"), mandatory: false };
await publisher.publish(toNobody);
connection.consume({
  queue: "amq.rabbitmq.reply-to",
  noAck: true,
  prefetch: 0,
  delivered: () => undefined,
  up: () => say("ready"),
  closing: async () => {
    const { status } = await publisher.publish(toNobody);
    say(`finishing: ${status}`);
  },
});
say(`listeners: ${process.listenerCount("SIGTERM")}`);
if (mode === "signals") connection.closeOnSignals();
if (mode === "close") {
  await connection.close();
  say("closed");
}
