import { randomBytes } from "node:crypto";
import amqplib, {
  type Channel,
  type ChannelModel,
  type ConfirmChannel,
  type GetMessage,
  type Message,
  type Options,
} from "amqplib";
import { RawClient } from "./raw-client.ts";
import type { ConformanceVersion } from "./targets.ts";

/** What became of a publish that the broker has confirmed. */
export interface PublishOutcome {
  readonly confirmed: boolean;
  /** `basic.return` of a mandatory message. */
  readonly returned: Message | undefined;
}

/** Small frames one after the other wait 40 ms for an acknowledgement of TCP otherwise. */
const atOnce = { noDelay: true };

/** A broker as a conformance test sees it. What a test opens here is closed at its end. */
export class ConformanceBroker {
  readonly version: ConformanceVersion;
  /** The test file's own. */
  readonly vhost: string;
  readonly host = "127.0.0.1";
  port = 0;
  #shared: ChannelModel | undefined;
  #control: Promise<ConfirmChannel> | undefined;
  #opened: (() => unknown)[] = [];

  constructor(version: ConformanceVersion, vhost: string) {
    this.version = version;
    this.vhost = vhost;
  }

  /** With the virtual host. */
  url(user = "guest", password = "guest"): string {
    return `amqp://${user}:${password}@${this.host}:${this.port}/${this.vhost}?heartbeat=0`;
  }

  /** A name that nothing else has. */
  name(base: string): string {
    return `${base}-${randomBytes(4).toString("hex")}`;
  }

  /** The value of this version, for what the versions do differently by their documentation. */
  byVersion<T>(values: Readonly<Record<ConformanceVersion, T>>): T {
    return values[this.version];
  }

  /** A connection of the test's own, to lose or to log in with. */
  async connect(url: string = this.url()): Promise<ChannelModel> {
    const connection = await amqplib.connect(url, atOnce);
    connection.on("error", ignore);
    this.#opened.push(() => connection.close());
    return connection;
  }

  /** A fresh channel of the connection that the tests of a file share, or of the given one. */
  async channel(connection?: ChannelModel): Promise<Channel> {
    return this.#keep(await (connection ?? (await this.#connection())).createChannel());
  }

  async confirmChannel(connection?: ChannelModel): Promise<ConfirmChannel> {
    return this.#keep(await (connection ?? (await this.#connection())).createConfirmChannel());
  }

  /** A client that can send what amqplib would not. It has logged in and opened the virtual host. */
  async raw(): Promise<RawClient> {
    const client = await this.rawSocket();
    await client.open(this.vhost);
    return client;
  }

  /** The same before the protocol header. */
  async rawSocket(): Promise<RawClient> {
    const client = await RawClient.connect(this.port, this.host);
    this.#opened.push(() => client.destroy());
    return client;
  }

  /** Declares a queue under a name of its own, durable unless told otherwise, and gives the name. */
  async queue(options: Options.AssertQueue = {}): Promise<string> {
    const { queue } = await (await this.#controls()).assertQueue(this.name("queue"), options);
    return queue;
  }

  /** Declares an exchange under a name of its own and gives the name. */
  async exchange(type: string, options: Options.AssertExchange = {}): Promise<string> {
    const { exchange } = await (await this.#controls()).assertExchange(this.name(type), type, options);
    return exchange;
  }

  async bind(queue: string, exchange: string, routingKey: string, headers: object = {}): Promise<void> {
    await (await this.#controls()).bindQueue(queue, exchange, routingKey, headers);
  }

  /** Publishes and waits for the confirm: the message is in its queues then, or nowhere. */
  async publish(
    exchange: string,
    routingKey: string,
    body: string | Buffer = "",
    options: Options.Publish = {},
  ): Promise<PublishOutcome> {
    return publishConfirmed(await this.#controls(), exchange, routingKey, body, options);
  }

  /** The messages that are ready. */
  async depth(queue: string): Promise<number> {
    return (await (await this.#controls()).checkQueue(queue)).messageCount;
  }

  /** Takes all messages that are ready, in their order. */
  async messages(queue: string): Promise<GetMessage[]> {
    const channel = await this.#controls();
    const all: GetMessage[] = [];
    for (;;) {
      const message = await channel.get(queue, { noAck: true });
      if (message === false) return all;
      all.push(message);
    }
  }

  /** Takes all messages that are ready and gives their bodies as texts. */
  async bodies(queue: string): Promise<string[]> {
    return (await this.messages(queue)).map(({ content }) => content.toString());
  }

  /** Fulfilled once the broker has done all that was sent on the channel before, as far as the channel does it. */
  async barrier(channel: Channel): Promise<void> {
    const { queue } = await channel.assertQueue("", { exclusive: true });
    channel.sendToQueue(queue, Buffer.from("barrier"));
    while ((await channel.get(queue, { noAck: true })) === false);
    await channel.deleteQueue(queue);
  }

  /** Closes what the test has opened. */
  async closeAll(): Promise<void> {
    for (const close of this.#opened.splice(0).toReversed()) {
      try {
        await close();
      } catch {
        // The broker has closed it, as the test wanted.
      }
    }
  }

  async disconnect(): Promise<void> {
    await this.#shared?.close();
  }

  #keep<Opened extends Channel>(channel: Opened): Opened {
    channel.on("error", ignore);
    this.#opened.push(() => channel.close());
    return channel;
  }

  async #connection(): Promise<ChannelModel> {
    if (this.#shared !== undefined) return this.#shared;
    const connection = await amqplib.connect(this.url(), atOnce);
    connection.on("error", ignore);
    connection.once("close", () => {
      this.#shared = undefined;
    });
    this.#shared = connection;
    return connection;
  }

  /** The harness's own channel, so that its questions stand in one line with its publishes. */
  #controls(): Promise<ConfirmChannel> {
    this.#control ??= this.#openControl();
    return this.#control;
  }

  async #openControl(): Promise<ConfirmChannel> {
    const channel = await (await this.#connection()).createConfirmChannel();
    channel.on("error", ignore);
    channel.once("close", () => {
      this.#control = undefined;
    });
    return channel;
  }
}

/** Publishes on the channel and waits for the confirm; for one publish at a time on a channel. */
export async function publishConfirmed(
  channel: ConfirmChannel,
  exchange: string,
  routingKey: string,
  body: string | Buffer = "",
  options: Options.Publish = {},
): Promise<PublishOutcome> {
  let returned: Message | undefined;
  const onReturn = (message: Message): void => {
    returned = message;
  };
  channel.on("return", onReturn);
  const refusal = await new Promise<unknown>((resolve) => {
    channel.publish(exchange, routingKey, Buffer.from(body), options, (error: unknown) => resolve(error));
  });
  channel.off("return", onReturn);
  if (refusal instanceof Error && refusal.message !== "message nacked") throw refusal;
  return { confirmed: !(refusal instanceof Error), returned };
}

function ignore(): void {
  // Tests ask for errors where they expect them.
}
