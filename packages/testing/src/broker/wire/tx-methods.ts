import { AmqpError } from "../amqp-error.ts";
import type { Channel } from "./channel.ts";
import type { MethodHandlers } from "./method-handlers.ts";
import { route } from "./publishing.ts";
import { Transaction } from "./transaction.ts";

export const txMethods: MethodHandlers = {
  "tx.select": (channel) => {
    if (channel.confirms !== undefined) throw new AmqpError(406, "cannot switch from confirm to tx mode");
    channel.transaction ??= new Transaction();
    channel.send("tx.select-ok", {});
  },

  "tx.commit": (channel) => {
    const { publishes, settlements } = transactionOf(channel).take();
    try {
      for (const { message, mandatory } of publishes) route(channel, message, mandatory);
      for (const { deliveries, how } of settlements) channel.settle(deliveries, how);
    } catch (error) {
      channel.unacked.putBack(settlements.flatMap(({ deliveries }) => deliveries));
      throw error;
    }
    channel.send("tx.commit-ok", {});
  },

  "tx.rollback": (channel) => {
    transactionOf(channel).rollBack(channel.unacked);
    channel.send("tx.rollback-ok", {});
  },
};

function transactionOf({ transaction }: Channel): Transaction {
  if (transaction === undefined) throw new AmqpError(406, "channel is not transactional");
  return transaction;
}
