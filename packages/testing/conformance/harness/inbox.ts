import type { Channel, ConsumeMessage, Message, Options } from "amqplib";
import { eventually } from "./eventually.ts";

/** A consumer that keeps what it is given, in the order in which it came. */
export class Inbox {
  readonly deliveries: ConsumeMessage[] = [];
  readonly consumerTag: string;
  /** Whether the broker has sent `basic.cancel`. */
  cancelled = false;
  readonly #channel: Channel;

  static async open(channel: Channel, queue: string, options: Options.Consume = {}): Promise<Inbox> {
    const early: (ConsumeMessage | null)[] = [];
    let receive = (message: ConsumeMessage | null): unknown => early.push(message);
    const { consumerTag } = await channel.consume(queue, (message) => receive(message), options);
    const inbox = new Inbox(channel, consumerTag);
    receive = (message) => inbox.#receive(message);
    for (const message of early) inbox.#receive(message);
    return inbox;
  }

  private constructor(channel: Channel, consumerTag: string) {
    this.#channel = channel;
    this.consumerTag = consumerTag;
  }

  /** {@link marked} deliveries. */
  get bodies(): string[] {
    return marked(this.deliveries);
  }

  /** Waits for so many deliveries; gives what came after five seconds, so that the test's own `expect` says it. */
  async reaches(count: number): Promise<readonly ConsumeMessage[]> {
    return eventually(
      async () => this.deliveries,
      ({ length }) => length >= count,
    );
  }

  /** The delivery at a place from 0 on, waited for. */
  async delivery(place: number): Promise<ConsumeMessage> {
    const found = (await this.reaches(place + 1))[place];
    if (found === undefined) throw new Error(`no delivery ${place + 1} came, only ${this.bodies.join(", ")}`);
    return found;
  }

  cancel(): Promise<unknown> {
    return this.#channel.cancel(this.consumerTag);
  }

  #receive(message: ConsumeMessage | null): void {
    if (message === null) this.cancelled = true;
    else this.deliveries.push(message);
  }
}

/** The bodies as texts, those of redelivered messages with a star. */
export function marked(messages: readonly Message[]): string[] {
  return messages.map(({ content, fields }) => content.toString() + (fields.redelivered ? "*" : ""));
}
