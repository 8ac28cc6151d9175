import { randomUUID } from "node:crypto";
import type { WireChannel } from "@warren/connection";
import { Failure } from "../failure.ts";

export interface ChosenQueue {
  readonly queue: string;
  readonly prepare: (channel: WireChannel) => Promise<void>;
}

/**
 * The queue that is there, or a temporary one bound as `--bind EXCHANGE[:KEY]` says, which lives as long as the
 * connection. Nothing else is ever created: a misspelt queue is not found.
 *
 * @throws Failure 64
 */
export function chooseQueue(queue: string | undefined, bindings: readonly string[]): ChosenQueue {
  refuseLong([queue ?? "", ...bindings.flatMap(partsOf)]);
  if (queue !== undefined) {
    if (bindings.length > 0) throw new Failure(64, "either a queue or --bind, not both");
    return {
      queue,
      prepare: async (channel) => {
        await channel.checkQueue(queue);
      },
    };
  }
  if (bindings.length === 0) throw new Failure(64, "say what to consume: a queue, or --bind EXCHANGE:KEY");
  if (bindings.some((binding) => partsOf(binding)[0] === ""))
    throw new Failure(64, "--bind needs an exchange, as EXCHANGE or EXCHANGE:KEY", {
      hint: "Nothing can be bound to the default exchange: it brings each message to the queue that its key names.",
    });
  const own = `warren.consume.${randomUUID()}`;
  return {
    queue: own,
    prepare: async (channel) => {
      await channel.declareQueue(own, { durable: false, exclusive: true, autoDelete: true, arguments: {} });
      for (const binding of bindings) await channel.bindQueue(own, ...partsOf(binding));
    },
  };
}

function partsOf(binding: string): readonly [exchange: string, routingKey: string] {
  const colon = binding.indexOf(":");
  return colon < 0 ? [binding, ""] : [binding.slice(0, colon), binding.slice(colon + 1)];
}

/** A queue's or exchange's name, or a routing key, is at most so long on the wire. */
const maxNameBytes = 255;

function refuseLong(names: readonly string[]): void {
  for (const name of names)
    if (Buffer.byteLength(name) > maxNameBytes)
      throw new Failure(64, `"${name.slice(0, 20)}…" is longer than ${maxNameBytes} bytes`);
}
