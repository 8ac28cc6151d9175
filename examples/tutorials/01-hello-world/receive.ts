import { connect } from "@warren/connection";
import { createConsumer, on } from "@warren/consumer";
import { Hello, topology, url } from "./hello.ts";

await using connection = await connect(url, { topology });
await using receiver = createConsumer(connection, {
  queue: topology.queues.hello,
  handlers: [on(Hello, (text) => console.log(` [x] Received ${text}`))],
});

await receiver.start();
console.log(" [*] Waiting for messages. To exit press CTRL+C");
await new Promise((resolve) => process.once("SIGINT", resolve).once("SIGTERM", resolve));
