/** Asks once and waits for its answer: `node requester.program.ts URL EXCHANGE ID`. */
import { connect } from "@warren/connection";
import { createPublisher } from "@warren/publisher";
import { orderOf } from "./client-scene.ts";

const [url = "", exchange = "", id = ""] = process.argv.slice(2);

const connection = await connect(url);
const publisher = createPublisher(connection);
const answer = await publisher.request(orderOf(exchange), { id });
process.stdout.write(`${JSON.stringify(answer)}\n`);
await connection.close();
