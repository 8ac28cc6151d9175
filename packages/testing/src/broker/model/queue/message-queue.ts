import type { Clock } from "../../clock.ts";
import type { VersionRules } from "../../version.ts";
import type { Message } from "../message.ts";
import { checkExclusiveUse, checkGet, type Door } from "./admission.ts";
import { checkConsumerArguments } from "./consumer-arguments.ts";
import { type ConsumerLine, type Member, memberOf } from "./consumer-line.ts";
import type { DeadLetters } from "./dead-letters.ts";
import { HeadExpiry } from "./head-expiry.ts";
import { HeldDelivery } from "./held-delivery.ts";
import { Holders } from "./holders.ts";
import { type LengthLimit, takeExcess } from "./length-limit.ts";
import type { Lease } from "./lease.ts";
import type { QueueSettings } from "./queue-settings.ts";
import type {
  Owner,
  Queue,
  QueueConsumer,
  QueueDeclaration,
  QueueDelivery,
  QueueSurroundings,
  Settlement,
} from "./queue.ts";
import type { ReadyLine } from "./ready-line.ts";
import type { ReturnRules } from "./return-rules.ts";
import { inSettlingOrder } from "./settling-order.ts";
import { StoredMessage } from "./stored-message.ts";

/** What makes a queue the kind that it is. */
export interface MessageQueueParts {
  readonly declaration: QueueDeclaration;
  readonly owner: Owner | undefined;
  readonly settings: QueueSettings;
  readonly rules: VersionRules;
  readonly clock: Clock;
  readonly surroundings: QueueSurroundings;
  readonly ready: ReadyLine;
  readonly consumers: ConsumerLine;
  readonly limit: LengthLimit;
  readonly returns: ReturnRules;
  readonly deadLetters: DeadLetters;
  readonly lease: Lease;
  /** Whether messages wait on when its consumer was cancelled, although another one has taken over. */
  readonly idlesAfterTakeover: boolean;
}

/** A queue whose messages leave it: classic or quorum. */
export class MessageQueue implements Queue {
  readonly declaration: QueueDeclaration;
  readonly kind: "classic" | "quorum";
  readonly owner: Owner | undefined;
  readonly #parts: MessageQueueParts;
  readonly #ready: ReadyLine;
  readonly #consumers: ConsumerLine;
  readonly #holders = new Holders();
  readonly #expiry: HeadExpiry;
  readonly #door: Door;
  #nextPosition = 0;
  #destroyed = false;

  constructor(parts: MessageQueueParts) {
    this.declaration = parts.declaration;
    this.kind = parts.settings.kind === "quorum" ? "quorum" : "classic";
    this.owner = parts.owner;
    this.#parts = parts;
    this.#expiry = new HeadExpiry({
      clock: parts.clock,
      ready: parts.ready,
      messageTtlMs: parts.settings.messageTtlMs,
      expired: (message) => {
        parts.deadLetters.send(message, "expired");
      },
    });
    this.#ready = parts.ready;
    this.#consumers = parts.consumers;
    const { vhost } = parts.surroundings;
    this.#door = { queueName: parts.declaration.name, vhost, settings: parts.settings };
    this.touch();
  }

  get readyCount(): number {
    return this.#ready.count;
  }

  get unackedCount(): number {
    return this.#holders.messageCount;
  }

  /** To a quorum queue whoever holds something of it is a consumer. */
  get consumerCount(): number {
    return this.#consumers.count + (this.kind === "quorum" ? this.#holders.unservedCount : 0);
  }

  publish(message: Message): "accepted" | "rejected" {
    const { limit, settings, deadLetters, returns } = this.#parts;
    if (limit.refuses(message.body.length)) {
      if (settings.overflow === "reject-publish-dlx") deadLetters.send(message, "maxlen");
      return "rejected";
    }
    const stored = new StoredMessage(
      message,
      this.#nextPosition++,
      this.#expiry.timeOf(message),
      returns.isRedelivery(message),
    );
    // Straight to an idle consumer, before it could expire.
    const member = this.#ready.count === 0 ? this.#consumers.next() : undefined;
    if (member !== undefined) {
      this.#deliver(stored, member);
      return "accepted";
    }
    this.#ready.push(stored);
    const dropped = this.#dropExcess();
    // A classic queue does not look at a message that a higher priority has put before those that were there.
    if (this.kind === "quorum" || dropped || this.#ready.count === 1) this.#afterChange();
    return "accepted";
  }

  get(noAck: boolean): QueueDelivery | undefined {
    checkGet(this.#door);
    this.touch();
    this.#lookAtTimes();
    const stored = this.#ready.take();
    if (stored === undefined) return undefined;
    const delivery = new HeldDelivery(stored, undefined, this.#parts.returns.headersOf(stored, "get"));
    if (noAck) delivery.held = false;
    else this.#holders.took(undefined);
    this.#afterChange();
    return delivery;
  }

  consume(consumer: QueueConsumer): void {
    const { surroundings, rules } = this.#parts;
    checkConsumerArguments(consumer.arguments, this, surroundings.vhost, rules);
    checkExclusiveUse(consumer, this.#consumers, this.#door);
    this.#consumers.add(memberOf(consumer));
    this.#parts.lease.hold();
    this.#dispatch();
  }

  cancel(consumer: QueueConsumer): void {
    const member = this.#consumers.remove(consumer);
    if (member === undefined || this.#destroyed) return;
    this.#holders.cancelled(member);
    if (!this.#parts.idlesAfterTakeover) this.#dispatch();
    if (this.#consumers.count > 0) return;
    if (this.declaration.autoDelete) this.#parts.surroundings.remove(this);
    else this.touch();
  }

  settle(deliveries: readonly QueueDelivery[], how: Settlement): void {
    if (this.#destroyed) return;
    for (const delivery of how === "ack" ? deliveries : inSettlingOrder(deliveries)) {
      if (!(delivery instanceof HeldDelivery) || !delivery.held) continue;
      delivery.held = false;
      // To a quorum queue they come back one consumer at a time, and each basic.get is a consumer.
      if (this.kind === "quorum" && delivery.member === undefined) this.#dropExcess();
      this.#holders.settled(delivery.member);
      if (how === "ack") continue;
      if (how === "discard") this.#parts.deadLetters.send(delivery.message, "rejected");
      else this.#putBack(delivery.stored, how === "channel-closed" ? how : "requeued");
    }
    if (how !== "ack" && how !== "discard") this.#tidy();
    this.wake();
  }

  wake(): void {
    this.#consumers.wake();
    if (this.#ready.count > 0) this.#dispatch();
  }

  touch(): void {
    if (this.#consumers.count === 0 && !this.#destroyed) {
      this.#parts.lease.renew(() => {
        if (this.consumerCount > 0) this.touch();
        else this.#parts.surroundings.remove(this);
      });
    }
  }

  purge(): number {
    const { count } = this.#ready;
    this.#ready.clear();
    this.#expiry.stop();
    this.#parts.limit.observe();
    return count;
  }

  destroy(): number {
    if (this.#destroyed) return 0;
    this.#destroyed = true;
    this.#parts.lease.hold();
    const consumers = Array.from(this.#consumers, (member) => member.consumer);
    for (const consumer of consumers) {
      this.#consumers.remove(consumer);
      consumer.cancelled();
    }
    this.#holders.clear();
    this.#parts.deadLetters.close();
    return this.purge();
  }

  #putBack(stored: StoredMessage, why: "requeued" | "channel-closed"): void {
    stored.redelivered = true;
    stored.returnCount++;
    if (this.#parts.returns.exhausted(stored)) this.#parts.deadLetters.send(stored.message, "delivery_limit");
    else this.#ready.putBack(stored, why);
  }

  #dispatch(): void {
    this.#lookAtTimes();
    while (this.#ready.count > 0) {
      const member = this.#consumers.next();
      if (member === undefined) break;
      this.#deliver(this.#ready.take() as StoredMessage, member);
      this.#expiry.dropExpired();
    }
    this.#afterChange();
  }

  #deliver(stored: StoredMessage, member: Member): void {
    const { consumer } = member;
    const delivery = new HeldDelivery(stored, member, this.#parts.returns.headersOf(stored, "consume"));
    if (consumer.noAck) delivery.held = false;
    else this.#holders.took(member);
    consumer.deliver(delivery);
    this.#consumers.delivered(member);
  }

  /** Before a message leaves; a classic queue looks at the next one only when one has left. */
  #lookAtTimes(): void {
    if (this.kind === "quorum") this.#expiry.dropExpired();
  }

  /** After something came in: what is too old or too much goes. */
  #tidy(): void {
    this.#dropExcess();
    this.#afterChange();
  }

  /** Whether it dropped anything. A quorum queue sends what it drops at once in the reverse order. */
  #dropExcess(): boolean {
    const { limit, deadLetters } = this.#parts;
    if (!limit.exceeded()) return false;
    const dropped = takeExcess(this.#ready, limit);
    if (this.kind === "quorum") dropped.reverse();
    for (const { message } of dropped) deadLetters.send(message, "maxlen");
    return true;
  }

  readonly #afterChange = (): void => {
    this.#expiry.watch(this.#afterChange);
    this.#parts.limit.observe();
  };
}
