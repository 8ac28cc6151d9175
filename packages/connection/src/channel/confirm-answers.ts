import type { Channel } from "amqplib";
import type { WireChannelEvents } from "./wire-message.ts";

/** amqplib keeps a callback for every publish; the in-flight table is ours, so its own bookkeeping goes. */
export function takeOverConfirms(channel: Channel, events: WireChannelEvents): void {
  for (const name of ["ack", "nack"]) {
    channel.removeAllListeners(name);
    channel.on(name, (fields: { deliveryTag: number; multiple: boolean }) => {
      events.confirmed?.(fields.deliveryTag, fields.multiple, name === "ack");
    });
  }
}
