import { connect } from "@warren/connection";
import { createPublisher } from "@warren/publisher";
import { OrderCancelled, OrderPlaced, Quote, QuoteAsked } from "./messages.ts";
import { topology } from "./topology.ts";

await using connection = await connect(process.env["AMQP_URL"] ?? "amqp://localhost", { topology });
await using publisher = createPublisher(connection);

const { total } = await publisher.request(QuoteAsked, { region: "eu", net: 10 }, { reply: Quote });
console.log("an order costs", total);

const orders = Array.from({ length: 20 }, (_, index) => ({
  id: `o-${index}`,
  customer: `c-${index % 3}`,
  region: "eu" as const,
  total: index === 13 ? 20_000 : total,
}));
for (const { status, messageId } of await publisher.publishAll(OrderPlaced, orders))
  if (status !== "confirmed") console.error(messageId, status);
await publisher.publish(OrderCancelled, orders[4]!);
console.log("placed", orders.length, "orders and cancelled one");
