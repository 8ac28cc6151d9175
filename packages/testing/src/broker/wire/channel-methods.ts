import { AmqpError } from "../amqp-error.ts";
import type { MethodHandlers } from "./method-handlers.ts";

/** Opening and closing are the business of whoever finds the channel by its number. */
export const channelMethods: MethodHandlers = {
  "channel.flow": (channel, { active }) => {
    if (!active) throw new AmqpError(540, "active=false");
    channel.send("channel.flow-ok", { active });
  },

  // A relic of AMQP 0-8 that RabbitMQ still answers.
  "access.request": (channel) => channel.send("access.request-ok", { ticket: 1 }),
};
