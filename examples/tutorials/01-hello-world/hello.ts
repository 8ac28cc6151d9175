import { defineTopology } from "@warren/connection";
import { defineMessage } from "@warren/message";
import { z } from "zod";

/** The default exchange routes by queue name, so the routing key is the queue's. */
export const Hello = defineMessage({
  type: "hello",
  exchange: "",
  routingKey: "hello",
  contentType: "text/plain",
  schema: z.string(),
});

export const topology = defineTopology({
  queues: { hello: {} },
});

export const url = process.env["AMQP_URL"] ?? "amqp://localhost";
