import { randomBytes } from "node:crypto";
import amqp, { type ChannelModel, type ConfirmChannel } from "amqplib";
import { WireChannel } from "../channel/wire-channel.ts";
import type { DeclaringPort } from "./declaring-channel.ts";
import type { Topology } from "./topology.ts";

/** A real broker for one test file: names of its own, and everything that they name is deleted at the end. */
export interface LivePort extends DeclaringPort, AsyncDisposable {
  /** A confirm channel of plain amqplib, to look at what Warren did. */
  readonly channel: ConfirmChannel;
  /** A name that nothing else has. */
  name(): string;
  /** Deletes the topology's queues and exchanges when the test file is done. */
  owns<T extends Topology>(topology: T): T;
  close(): Promise<void>;
}

export async function livePort(url: string): Promise<LivePort> {
  const model = await amqp.connect(url, { noDelay: true });
  model.on("error", () => {});
  const channel = await model.createConfirmChannel();
  channel.on("error", () => {});
  const owned: Topology[] = [];
  const close = async (): Promise<void> => {
    if (owned.length > 0) await clean(model, owned);
    await model.close().catch(() => undefined); // A test may have had it closed.
  };
  return {
    channel,
    name: () => `warren-topology-${randomBytes(6).toString("hex")}`,
    owns(topology) {
      owned.push(topology);
      return topology;
    },
    async withChannel(use) {
      const wire = await WireChannel.open(model, { confirm: false, rpcTimeoutMs: 10_000 }, { closed() {} });
      try {
        return await use(wire);
      } finally {
        await wire.close();
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function clean(model: ChannelModel, owned: readonly Topology[]): Promise<void> {
  const channel = await model.createChannel();
  for (const { declarations } of owned) {
    for (const { name } of declarations.queues) await channel.deleteQueue(name);
    for (const { name } of declarations.exchanges) await channel.deleteExchange(name);
  }
  await channel.close();
}
