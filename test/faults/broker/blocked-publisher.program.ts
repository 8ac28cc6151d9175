// A process that publishes into an alarm until it is told to end. It says a line when it is blocked, and one for each
// publish that was pending then: what became of it.
import { argv, stdout } from "node:process";
import { connect } from "@warren/connection";
import type { PublishError } from "@warren/message";
import { createPublisher } from "@warren/publisher";

const [, , url = "", queue = ""] = argv;
const connection = await connect(url, { closeTimeoutMs: 1_500 });
connection.closeOnSignals();
const publisher = createPublisher(connection, { maxInFlight: 5 });
const publish = (id: number): Promise<void> =>
  publisher.publish({ exchange: "", routingKey: queue, messageId: `${id}`, body: Buffer.from("x") }).then(
    () => void stdout.write(`${id} confirmed\n`),
    (error: PublishError) => void stdout.write(`${id} ${error.outcome.stored}\n`),
  );
const first = publish(0);
for await (const { to } of connection.status()) if (to === "blocked") break;
const others = Array.from({ length: 20 }, (_, index) => publish(index + 1));
stdout.write("blocked\n");
await Promise.all([first, ...others]);
