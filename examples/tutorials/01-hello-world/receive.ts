import { connect } from "@warren/connection";
import { createConsumer, on } from "@warren/consumer";
import { Hello, topology, url } from "./hello.ts";

const connection = await connect(url, { topology });
connection.closeOnSignals();

const receiver = createConsumer(connection, {
  queue: topology.queues.hello,
  handlers: [on(Hello, (text) => console.log(` [x] Received ${text}`))],
});
await receiver.start();
console.log(" [*] Waiting for messages. To exit press CTRL+C");
