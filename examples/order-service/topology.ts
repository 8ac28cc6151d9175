import { defineTopology } from "@warren/connection";

export const topology = defineTopology({
  exchanges: { "shop.orders": { type: "topic" } },
  queues: {
    /** Charges; what fails is tried again after a while, then kept in `shop.billing.dead`. */
    "shop.billing": {
      bindings: [{ exchange: "shop.orders", routingKey: "order.placed.*" }],
      retry: { delaysMs: [100, 500] },
    },
    /** One process at a time, so that a customer's messages stay in order however many processes there are. */
    "shop.shipping": {
      bindings: [{ exchange: "shop.orders", routingKey: "order.*.*" }],
      singleActiveConsumer: true,
    },
    "shop.statistics": { bindings: [{ exchange: "shop.orders", routingKey: "order.placed.*" }] },
    "shop.quotes": { retry: false },
  },
});
