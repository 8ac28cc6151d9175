import amqplib, { type Channel, type ChannelModel, type ConfirmChannel, type ConsumeMessage } from "amqplib";
import { afterEach, beforeEach } from "vitest";
import type { EmbeddedBroker } from "../embedded-broker.ts";
import type { EmbeddedBrokerOptions } from "../embedded-broker-options.ts";
import { startEmbeddedBroker } from "../start-embedded-broker.ts";

/** A broker for each test of a file, with a queue `q`, and clients that do not mind what happens to them. */
export interface FaultScene {
  readonly broker: EmbeddedBroker;
  dial(user?: string): Promise<ChannelModel>;
  confirmChannel(): Promise<ConfirmChannel>;
  channel(): Promise<Channel>;
  /** Messages that are ready in `q`. */
  readyCount(queue?: string): Promise<number>;
}

export function faultScene(options: EmbeddedBrokerOptions = {}): FaultScene {
  let broker: EmbeddedBroker;
  let dialled: ChannelModel[];
  let own: Channel;
  const dial = async (user = "guest"): Promise<ChannelModel> => {
    const connection = await amqplib.connect(broker.url.replace("guest:guest", `${user}:${user}`), {
      noDelay: true,
    });
    connection.on("error", () => undefined);
    dialled.push(connection);
    return connection;
  };
  const quiet = <C extends Channel>(channel: C): C => channel.on("error", () => undefined);
  beforeEach(async () => {
    dialled = [];
    broker = await startEmbeddedBroker(options);
    own = await (await dial()).createChannel();
    await own.assertQueue("q");
  });
  afterEach(async () => {
    broker.faults.clear();
    await broker.close();
  });
  return {
    get broker() {
      return broker;
    },
    dial,
    confirmChannel: async () => quiet(await (await dial()).createConfirmChannel()),
    channel: async () => quiet(await (await dial()).createChannel()),
    readyCount: async (queue = "q") => (await own.checkQueue(queue)).messageCount,
  };
}

export type Answer = "ack" | "nack";

/** Publishes one after the other in one turn, and tells each answer as it comes: `3 ack`. */
export function publishAll(
  channel: ConfirmChannel,
  bodies: readonly string[],
  onAnswer: (body: string, answer: Answer) => void = () => undefined,
): Promise<Answer>[] {
  return bodies.map(
    (body) =>
      new Promise((resolve) => {
        channel.publish("", "q", Buffer.from(body), { messageId: body }, (error) => {
          const answer = error === null || error === undefined ? "ack" : "nack";
          onAnswer(body, answer);
          resolve(answer);
        });
      }),
  );
}

/** The first so many deliveries of a consumer that acks none of them. */
export async function take(channel: Channel, count: number, queue = "q"): Promise<readonly ConsumeMessage[]> {
  const taken: ConsumeMessage[] = [];
  await new Promise<void>((resolve, reject) => {
    channel
      .consume(queue, (message) => {
        if (message !== null) taken.push(message);
        if (taken.length === count) resolve();
      })
      .catch(reject);
  });
  return taken;
}
