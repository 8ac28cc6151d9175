import type { WireChannel } from "../channel/wire-channel.ts";
import type { ConsumeArguments } from "../channel/wire-message.ts";
import type { ConsumeChannelOptions } from "./consume-channel-options.ts";
import { UnansweredSettles } from "./unanswered-settles.ts";

/** What the broker is to do on every channel. */
export interface Wanted {
  readonly consuming: boolean;
  readonly prefetch: number;
}

type Step = () => Promise<void>;

/** A consumer on one channel, for as long as that lives: what the broker has been told there, and what it is told next. */
export class Consumption {
  readonly channel: WireChannel;
  readonly generation: number;
  readonly unanswered: UnansweredSettles = new UnansweredSettles();
  readonly #options: ConsumeChannelOptions;
  readonly #cancelled: () => void;
  #wanted: Wanted;
  #prefetch: number | undefined;
  #consumerTag: string | undefined;
  #adjusting: Promise<void> | undefined;

  /** @param cancelled is called when the broker, not we, has cancelled the consumer. */
  constructor(
    channel: WireChannel,
    generation: number,
    options: ConsumeChannelOptions,
    wanted: Wanted,
    cancelled: () => void,
  ) {
    this.channel = channel;
    this.generation = generation;
    this.#options = options;
    this.#wanted = wanted;
    this.#cancelled = cancelled;
  }

  /** Nothing while the broker has not been told to deliver. */
  get consumerTag(): string | undefined {
    return this.#consumerTag;
  }

  /** The first thing on a channel. RabbitMQ takes a prefetch for consumers that are yet to come. */
  async limit(): Promise<void> {
    const { prefetch } = this.#wanted;
    await this.channel.prefetch(prefetch);
    this.#prefetch = prefetch;
  }

  /** Then the consumer, if there is to be one. */
  async begin(): Promise<void> {
    if (this.#wanted.consuming) await this.#consume();
  }

  /**
   * Brings the broker to what is wanted, one change at a time: what is on its way is waited for, also where it is undone
   * after it. What fails is left to the next channel.
   */
  adjust(wanted: Wanted): Promise<void> {
    this.#wanted = wanted;
    if (this.#adjusting !== undefined) return this.#adjusting;
    const first = this.#nextStep();
    if (first === undefined) return Promise.resolve();
    return (this.#adjusting = this.#adjustAll(first));
  }

  async #adjustAll(first: Step): Promise<void> {
    try {
      for (let step: Step | undefined = first; step !== undefined; step = this.#nextStep()) await step();
    } catch {
      // The channel is gone with it; SupervisedChannel says why and opens another, which is set up as is wanted.
    } finally {
      this.#adjusting = undefined;
    }
  }

  #nextStep(): Step | undefined {
    if (!this.channel.open) return undefined;
    const { consuming, prefetch } = this.#wanted;
    const isLimited = prefetch === this.#prefetch;
    if (this.#consumerTag !== undefined) return consuming && isLimited ? undefined : () => this.#cancel();
    if (!isLimited) return () => this.limit();
    return consuming ? () => this.#consume() : undefined;
  }

  async #cancel(): Promise<void> {
    await this.unanswered.answered(() => this.channel.cancel(this.#consumerTag!));
    this.#consumerTag = undefined;
  }

  async #consume(): Promise<void> {
    const { queue, delivered } = this.#options;
    const { generation } = this;
    this.#consumerTag = await this.channel.consume(queue, this.#arguments(), (delivery) => {
      if (delivery === undefined) this.#cancelled();
      else delivered(delivery, generation);
    });
  }

  #arguments(): ConsumeArguments {
    const { consumerTag, noAck, exclusive, priority, arguments: args } = this.#options;
    return {
      ...(consumerTag === undefined ? {} : { consumerTag }),
      ...(noAck === undefined ? {} : { noAck }),
      ...(exclusive === undefined ? {} : { exclusive }),
      ...(priority === undefined ? {} : { priority }),
      ...(args === undefined ? {} : { arguments: args() }),
    };
  }
}
