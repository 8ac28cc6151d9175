// Started by crash.broker.test.ts, which kills it: launches a node, says where it is, and waits.
import { startRabbitMq } from "../src/rabbitmq/start-rabbitmq.ts";

const node = await startRabbitMq();
process.stdout.write(`${JSON.stringify({ port: node.port, folder: node.access.folder })}\n`);
setInterval(() => undefined, 60_000);
