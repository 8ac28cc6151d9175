import { AmqpError } from "../amqp-error.ts";
import type { Channel } from "./channel.ts";
import type { MethodHandlers } from "./method-handlers.ts";
import { PublisherConfirms } from "./publisher-confirms.ts";

export const confirmMethods: MethodHandlers = {
  "confirm.select": (channel, { noWait }) => {
    if (channel.transaction !== undefined) throw new AmqpError(406, "cannot switch from tx to confirm mode");
    channel.confirms ??= confirmsOf(channel);
    if (!noWait) channel.send("confirm.select-ok", {});
  },
};

function confirmsOf(channel: Channel): PublisherConfirms {
  const { broker, writer } = channel.session;
  const confirms: PublisherConfirms = new PublisherConfirms({
    clock: broker.clock,
    send: (name, deliveryTag, multiple) => {
      if (name === "basic.ack") channel.send(name, { deliveryTag, multiple });
      else channel.send(name, { deliveryTag, multiple, requeue: false });
    },
    onPending: () => writer.beforeLeaving({ writeLate: () => confirms.flush() }),
  });
  return confirms;
}
