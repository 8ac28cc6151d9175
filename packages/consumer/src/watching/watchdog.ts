import { diagnostics } from "@warren/message";
import type { ResolvedConsumerOptions } from "../consumer-options.ts";
import type { IncomingDelivery } from "../settling/incoming-delivery.ts";
import type { Session } from "../session.ts";
import { StallWatch } from "./stall-watch.ts";

/** A handler that has been at work for this share of the broker's consumer timeout is reported. */
const slowShare = 0.8;

/**
 * Compares what should be with what is, now and then: a consumer to which nothing comes although messages are ready is
 * no consumer, whatever its channel says. A single active consumer may be one of those that only stand by.
 */
export class Watchdog {
  readonly #session: Session;
  readonly #options: ResolvedConsumerOptions;
  readonly #stalls: StallWatch | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #reported = new WeakSet<IncomingDelivery>();
  #arrivedBefore = 0;
  #suspicions = 0;
  #looking = false;

  constructor(session: Session, options: ResolvedConsumerOptions) {
    this.#session = session;
    this.#options = options;
    const { checkIntervalMs, consumerTimeoutMs, stalledAfterMs } = options;
    this.#stalls =
      stalledAfterMs === false ? undefined : new StallWatch(session, options.queueName, stalledAfterMs);
    const shortestMs = Math.min(consumerTimeoutMs, stalledAfterMs === false ? Infinity : stalledAfterMs) / 10;
    this.#timer = setInterval(() => void this.look(), Math.min(checkIntervalMs, shortestMs));
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#stalls?.stop();
  }

  async look(): Promise<void> {
    this.#reportSlow();
    if (this.#looking) return;
    this.#looking = true;
    try {
      await this.#stalls?.look();
      await this.#compare();
    } catch {
      // The channel did not survive the question, and another is on its way.
    } finally {
      this.#looking = false;
    }
  }

  async #compare(): Promise<void> {
    const { channel, arrivedCount, settlements } = this.#session;
    const quiet = channel.consuming && arrivedCount === this.#arrivedBefore && settlements.heldCount === 0;
    this.#arrivedBefore = arrivedCount;
    if (!quiet || this.#options.queueRef?.type === "stream") {
      this.#suspicions = 0;
      return;
    }
    const count = await channel.count();
    if (count === undefined || this.#session.arrivedCount > arrivedCount) return;
    const missing = count.consumerCount === 0;
    const starving = count.messageCount > 0 && this.#options.queueRef?.singleActiveConsumer !== true;
    this.#suspicions = starving ? this.#suspicions + 1 : 0;
    if (!missing && this.#suspicions < 2) return;
    this.#suspicions = 0;
    await channel.renew(
      missing
        ? `the queue "${this.#options.queueName}" has no consumer, although it should have this one`
        : `${count.messageCount} messages are ready in "${this.#options.queueName}", and none comes`,
    );
  }

  #reportSlow(): void {
    if (!diagnostics.slowHandler.hasSubscribers) return;
    const now = performance.now();
    for (const delivery of this.#session.settlements.held) {
      const runningMs = now - delivery.receivedAtMs;
      if (runningMs < this.#options.consumerTimeoutMs * slowShare || this.#reported.has(delivery)) continue;
      this.#reported.add(delivery);
      diagnostics.slowHandler.publish({ queue: this.#options.queueName, delivery, runningMs });
    }
  }
}
