import { defineMessage } from "@warren/message";
import { z } from "zod";

const Order = z.object({
  id: z.string(),
  customer: z.string(),
  region: z.enum(["eu", "us"]),
  total: z.number(),
});

export const OrderPlaced = defineMessage({
  type: "order.placed",
  exchange: "shop.orders",
  routingKey: "order.placed.{region}",
  schema: Order,
});

export const OrderCancelled = defineMessage({
  type: "order.cancelled",
  exchange: "shop.orders",
  routingKey: "order.cancelled.{region}",
  schema: Order.pick({ id: true, customer: true, region: true }),
});

/** Asks for a quote; the default exchange takes it to the queue of that name. */
export const QuoteAsked = defineMessage({
  type: "quote.asked",
  exchange: "",
  routingKey: "shop.quotes",
  schema: z.object({ region: z.enum(["eu", "us"]), net: z.number() }),
});

/** The answer. It goes to whoever asked, whatever stands here as its way. */
export const Quote = defineMessage({
  type: "quote",
  exchange: "",
  routingKey: "shop.quotes",
  schema: z.object({ total: z.number() }),
});
