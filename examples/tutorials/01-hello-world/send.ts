import { connect } from "@warren/connection";
import { createPublisher } from "@warren/publisher";
import { Hello, topology, url } from "./hello.ts";

await using connection = await connect(url, { topology });
await using publisher = createPublisher(connection);

await publisher.publish(Hello, "Hello World!");
console.log(" [x] Sent 'Hello World!'");
