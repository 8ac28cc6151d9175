import type { BrokerSession } from "./broker-session.ts";
import type { ClientChannel, Received } from "../client/client-channel.ts";
import type { ChannelName } from "../sequence/command.ts";
import { messageText } from "./message-text.ts";

/** A delivery that has not been settled. */
export interface Held {
  readonly deliveryTag: number;
  readonly queue: string;
  /** The consumer's tag, or `get`. */
  readonly source: string;
}

/** One of the two clients: its channel, what it consumes, what it holds, and what came and was not yet told. */
export class ClientState {
  readonly name: ChannelName;
  channel!: ClientChannel;
  /** The queue of each consumer. */
  readonly consumers = new Map<string, { readonly queue: string; readonly noAck: boolean }>();
  held: Held[] = [];
  #receivedCount = 0;
  readonly #session: BrokerSession;
  readonly #lines: { readonly source: string; readonly text: string }[] = [];

  constructor(name: ChannelName, session: BrokerSession) {
    this.name = name;
    this.#session = session;
  }

  async open(): Promise<void> {
    this.held = [];
    this.consumers.clear();
    this.channel = await this.#session.connections[this.name].channel({
      received: (method) => this.#take(method),
    });
    await this.channel.call("confirm.select", { noWait: false });
  }

  /** Resolves when all is here that the broker has sent, with how much that has been so far. */
  async flushed(): Promise<number> {
    await this.channel.call("channel.flow", { active: true });
    return this.#receivedCount;
  }

  /**
   * What came since the last time. Between queues of one channel RabbitMQ keeps no order, so each consumer has its own.
   */
  told(): string[] {
    const lines = this.#lines.splice(0);
    const sources = [...new Set(lines.map(({ source }) => source))].sort();
    return sources.flatMap((wanted) =>
      lines
        .filter(({ source }) => source === wanted)
        .map(({ text }) => this.#session.plain(`${this.name} ${wanted}: ${text}`)),
    );
  }

  #take(received: Received): void {
    this.#receivedCount += 1;
    switch (received.name) {
      case "basic.deliver": {
        const { consumerTag, deliveryTag } = received.arguments;
        const consumer = this.consumers.get(consumerTag);
        if (consumer?.noAck === false)
          this.held.push({ deliveryTag, queue: consumer.queue, source: consumerTag });
        this.#lines.push({
          source: consumerTag,
          text: messageText(received.content!, received.arguments),
        });
        return;
      }
      case "basic.return": {
        const { replyCode, replyText } = received.arguments;
        const text = messageText(received.content!, received.arguments);
        this.#lines.push({ source: "returned", text: `${replyCode} ${replyText} ${text}` });
        return;
      }
      case "basic.cancel":
        this.consumers.delete(received.arguments.consumerTag);
        this.#lines.push({ source: received.arguments.consumerTag, text: "cancelled by the broker" });
        return;
      default:
        throw new Error(`${received.name} came without being asked for`);
    }
  }
}
