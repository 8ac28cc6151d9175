import type { ConsumeChannel } from "@warren/connection";
import { diagnostics } from "@warren/message";
import { AckCoalescer } from "./ack-coalescer.ts";
import type { ConfirmedPublishes } from "../moving/confirmed-publishes.ts";
import type { ResolvedConsumerOptions } from "../consumer-options.ts";
import type { Decision } from "../handling/decision.ts";
import type { Failure } from "../handling/failure.ts";
import type { IncomingDelivery } from "./incoming-delivery.ts";
import { movedMessage, type MoveTarget } from "../moving/moved-message.ts";

/**
 * Everything that arrived and is not settled, and the way from a decision to the broker. Each delivery is settled once,
 * on the channel that it came from; a decision that comes too late for that is counted and dropped.
 */
export class Settlements {
  readonly #channel: ConsumeChannel;
  readonly #moves: ConfirmedPublishes;
  readonly #options: ResolvedConsumerOptions;
  readonly #held = new Set<IncomingDelivery>();
  #emptied: (() => void)[] = [];
  #acks = new AckCoalescer();
  #generation = 0;
  #flushing = false;
  #staleCount = 0;

  constructor(channel: ConsumeChannel, moves: ConfirmedPublishes, options: ResolvedConsumerOptions) {
    this.#channel = channel;
    this.#moves = moves;
    this.#options = options;
  }

  get heldCount(): number {
    return this.#held.size;
  }

  get staleCount(): number {
    return this.#staleCount;
  }

  get held(): Iterable<IncomingDelivery> {
    return this.#held;
  }

  arrived(delivery: IncomingDelivery): void {
    this.#generation = delivery.generation;
    this.#acks.delivered(delivery.wire.fields.deliveryTag);
    this.#held.add(delivery);
  }

  /** The channel is gone: the broker delivers everything again, here or elsewhere. */
  lost(reason: Error): void {
    this.#acks = new AckCoalescer();
    for (const delivery of this.#held) {
      delivery.state = "lost";
      delivery.abort(reason);
    }
    this.#held.clear();
    this.#wake();
  }

  /** A promise where the broker's confirm is waited for before the message is let go. */
  settle(delivery: IncomingDelivery, decision: Decision): Promise<void> | void {
    if (delivery.state !== "held") return this.#late(delivery);
    switch (decision.kind) {
      case "ack":
        return this.#ack(delivery);
      case "requeue":
        return this.#options.queueRef?.type === "stream" && decision.unseen !== true
          ? this.#orBack(
              delivery,
              this.#deadLetter(delivery, { code: "HANDLER_FAILED", reason: "a stream takes nothing back" }),
            )
          : this.giveBack(delivery);
      case "retry":
        return this.#orBack(delivery, this.#retry(delivery, decision));
      case "dead-letter":
        return this.#orBack(delivery, this.#deadLetter(delivery, decision.failure));
    }
  }

  /** To the queue, at once; nack rather than reject, since RabbitMQ 4.3 counts only the latter as a failure. */
  giveBack(delivery: IncomingDelivery): void {
    if (!this.#release(delivery)) return;
    const { deliveryTag } = delivery.wire.fields;
    this.#acks.settle(deliveryTag);
    this.#channel.nack(delivery.generation, deliveryTag, false, true);
  }

  /** Writes the acks that are due, now instead of at the end of the turn. */
  flush(): void {
    this.#flushing = false;
    this.#acks.flush((tag, multiple) => this.#channel.ack(this.#generation, tag, multiple));
  }

  /** Resolves when everything that arrived is settled. */
  async whenEmpty(): Promise<void> {
    if (this.#held.size > 0) await new Promise<void>((resolve) => this.#emptied.push(resolve));
  }

  #ack(delivery: IncomingDelivery): void {
    if (!this.#release(delivery)) return;
    this.#acks.finish(delivery.wire.fields.deliveryTag);
    if (this.#flushing) return;
    this.#flushing = true;
    setImmediate(this.#flushDue);
  }

  readonly #flushDue = (): void => {
    if (this.#flushing) this.flush();
  };

  /** Whatever happens on the way, it does not stay un-acked; what nobody foresaw is told, and not met again at once. */
  async #orBack(delivery: IncomingDelivery, settled: Promise<void>): Promise<void> {
    try {
      await settled;
    } catch (thrown) {
      if (delivery.state === "held") await this.#moves.pauseAfter(delivery, thrown);
      if (delivery.state === "held") this.giveBack(delivery);
    }
  }

  async #retry(
    delivery: IncomingDelivery,
    { step, failure }: Extract<Decision, { kind: "retry" }>,
  ): Promise<void> {
    diagnostics.retry.publish({
      queue: this.#options.queueName,
      delivery,
      delayMs: step.delayMs,
      reason: failure.reason,
    });
    await this.#move(delivery, { exchange: "", routingKey: step.queue }, failure);
  }

  async #deadLetter(delivery: IncomingDelivery, failure: Failure): Promise<void> {
    const { queueName: queue, deadLetter } = this.#options;
    diagnostics.deadLetter.publish({ queue, delivery, code: failure.code, reason: failure.reason });
    if (deadLetter === undefined) return this.#reject(delivery);
    const { exchange, routingKey = delivery.routingKey } = deadLetter;
    await this.#move(delivery, { exchange, routingKey }, failure);
  }

  async #move(delivery: IncomingDelivery, target: MoveTarget, failure: Failure): Promise<void> {
    const moved = movedMessage(delivery, target, failure, Date.now());
    const end = await this.#moves.publish(moved, { wanted: () => delivery.state === "held" });
    if (end === "confirmed") this.#ack(delivery);
    else if (delivery.state === "held") this.giveBack(delivery);
  }

  #reject(delivery: IncomingDelivery): void {
    if (!this.#release(delivery)) return;
    const { deliveryTag } = delivery.wire.fields;
    this.#acks.settle(deliveryTag);
    this.#channel.reject(delivery.generation, deliveryTag, false);
  }

  /** False when somebody settled it before, or its channel is gone. */
  #release(delivery: IncomingDelivery): boolean {
    if (delivery.state !== "held") {
      this.#late(delivery);
      return false;
    }
    delivery.state = "settled";
    this.#held.delete(delivery);
    if (this.#emptied.length > 0 && this.#held.size === 0) this.#wake();
    return true;
  }

  #wake(): void {
    for (const resolve of this.#emptied.splice(0)) resolve();
  }

  #late(delivery: IncomingDelivery): void {
    if (delivery.state !== "lost") return;
    this.#staleCount++;
    diagnostics.staleSettle.publish({
      queue: this.#options.queueName,
      deliveryTag: delivery.wire.fields.deliveryTag,
    });
  }
}
