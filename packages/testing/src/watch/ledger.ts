import type { VersionRules } from "../broker/version.ts";
import { Attendance } from "./attendance.ts";
import { Copies, type Copy } from "./copy.ts";
import { failureOf, type Failure } from "./failure.ts";
import { KnownTopology } from "./known-topology.ts";
import type { Sighting, SightingKind } from "./sighting.ts";
import { identityOf, type WireMessage } from "./wire-message.ts";

/** A publish that was seen, with the copies that it made as far as is known. */
export interface Publication {
  readonly message: WireMessage;
  readonly copies: readonly Copy[];
  /** The copy in the hands of a consumer that it takes on, to a wait queue or a dead-letter queue. */
  readonly movedFrom: Copy | undefined;
}

/** How a delivery ended on the wire. */
export type Ending = "ack" | "requeue" | "reject";

/** Where replies go without a queue: the broker hands them to the asker, or drops them. */
const replyTo = "amq.rabbitmq.reply-to";

/**
 * Where every message of a virtual host is, told by what clients and broker say to each other. Pure: it is called in the order of
 * the frames, and tells sightings.
 */
export class Ledger {
  readonly topology: KnownTopology;
  readonly attendance: Attendance = new Attendance();
  readonly #copies = new Copies();
  readonly #unanswered = new Set<Publication>();
  readonly #tell: (sighting: Sighting) => void;

  constructor(rules: VersionRules, tell: (sighting: Sighting) => void) {
    this.topology = new KnownTopology(rules);
    this.#tell = tell;
  }

  get copies(): Iterable<Copy> {
    return this.#copies;
  }

  /** Publishes on confirm channels that the broker has not answered. */
  get unanswered(): Iterable<Publication> {
    return this.#unanswered;
  }

  /** Deliveries may be seen before the confirm, so that the copies are there from the start. */
  publish(message: WireMessage): Publication {
    const movedFrom = this.#movedFrom(message);
    const copies = this.#queuesOf(message).map((queue) => this.#add(message, queue));
    const publication = { message, copies, movedFrom };
    this.#unanswered.add(publication);
    return publication;
  }

  confirmed(publication: Publication): void {
    this.#unanswered.delete(publication);
    const { message, movedFrom, copies } = publication;
    if (movedFrom === undefined) return this.#say("published", message, undefined);
    movedFrom.moved = true;
    const waits = copies.map(({ queue }) => this.#waitMs(queue)).find((delayMs) => delayMs !== undefined);
    const failure = failureOf(message, waits);
    this.#say(waits === undefined ? "deadLettered" : "retried", message, movedFrom.queue, failure);
  }

  /** The broker took it back: no queue was found for it, or one refused it. */
  withdrawn(publication: Publication, kind: "returned" | "refused", reason: string): void {
    this.#unanswered.delete(publication);
    for (const copy of publication.copies) if (copy.holder === undefined) this.#end(copy);
    this.#say(kind, publication.message, undefined, { reason });
  }

  /** The channel went before the answer: it may be stored, or not. What was not delivered is not waited for. */
  unknown(publication: Publication): void {
    this.#unanswered.delete(publication);
    for (const copy of publication.copies) if (copy.holder === undefined) this.#end(copy);
  }

  deliver(queue: string, message: WireMessage, redelivered: boolean, holder: object | undefined): Copy {
    const copy = this.#arriving(queue, message, redelivered, holder);
    copy.queue = queue;
    copy.holder = holder;
    copy.returnCount = Math.max(copy.returnCount, deliveryCountOf(message));
    this.#say("delivered", message, queue);
    if (holder === undefined) this.settle(copy, message, "ack");
    return copy;
  }

  /** Of a queue's copy by its consumer; `message` as that consumer got it. */
  settle(copy: Copy, message: WireMessage, ending: Ending): void {
    const queue = copy.queue ?? "";
    copy.holder = undefined;
    switch (ending) {
      case "ack":
        this.#end(copy);
        if (!copy.moved) this.#say("handled", message, queue);
        break;
      case "reject":
        this.#deadLetter(copy, message, "rejected");
        break;
      case "requeue":
        this.#say("requeued", message, queue, { reason: "given back by its consumer" });
        this.#return(copy, message);
    }
  }

  /** The channel of its consumer is gone. */
  abandoned(copy: Copy, message: WireMessage, holder: object): void {
    // Otherwise the broker has given it to somebody else before the loss was seen.
    if (copy.holder !== holder) return;
    copy.holder = undefined;
    this.#return(copy, message);
  }

  /** What is ready in it goes; what consumers have of it can still be acked, which tells nothing more. */
  emptyQueue(queue: string): void {
    for (const copy of this.#copies) if (copy.queue === queue && copy.holder === undefined) this.#end(copy);
  }

  deleteQueue(queue: string): void {
    for (const copy of this.#copies) if (copy.queue === queue) this.#end(copy);
    this.topology.deleteQueue(queue);
    this.attendance.forget(queue);
  }

  forget(): void {
    this.#copies.clear();
    this.#unanswered.clear();
    this.attendance.forgetLosses();
  }

  #queuesOf(message: WireMessage): readonly (string | undefined)[] {
    const { exchange, routingKey } = message;
    if (exchange === "" && routingKey.startsWith(replyTo)) return [];
    const queues = this.topology.route(message);
    if (queues === undefined) return [undefined];
    return queues.length === 0 && exchange === "" ? [routingKey] : queues;
  }

  #movedFrom(message: WireMessage): Copy | undefined {
    const origin = failureOf(message).originQueue;
    if (origin === undefined) return undefined;
    const isHeld = (copy: Copy): boolean => copy.queue === origin && copy.holder !== undefined && !copy.moved;
    return this.#copies.find(identityOf(message), isHeld);
  }

  #add(message: WireMessage, queue: string | undefined): Copy {
    const copy: Copy = { message, queue, holder: undefined, returnCount: 0, moved: false };
    return this.#copies.add(identityOf(message), copy);
  }

  /** The copy that this delivery is of. */
  #arriving(queue: string, message: WireMessage, redelivered: boolean, holder: object | undefined): Copy {
    const identity = identityOf(message);
    const isReady = (copy: Copy): boolean => copy.holder === undefined;
    return (
      this.#copies.find(identity, (copy) => isReady(copy) && copy.queue === queue) ??
      this.#copies.find(identity, (copy) => isReady(copy) && this.#leadsTo(copy, queue)) ??
      // A channel is gone, and its end was not seen yet.
      (redelivered
        ? this.#copies.find(identity, (copy) => copy.queue === queue && copy.holder !== holder)
        : undefined) ??
      this.#add(message, queue)
    );
  }

  /** Whether it may have come there by expiry, by a limit of its queue, or through an exchange that nobody knows. */
  #leadsTo(copy: Copy, target: string): boolean {
    if (copy.queue === undefined) return true;
    const targets = this.topology.deadLetterRoute(this.topology.queue(copy.queue), copy.message);
    return targets?.includes(target) ?? false;
  }

  #return(copy: Copy, message: WireMessage): void {
    copy.returnCount++;
    const { kind, deliveryLimit } = this.topology.queue(copy.queue ?? "");
    if (kind === "quorum" && deliveryLimit !== undefined && copy.returnCount > deliveryLimit)
      this.#deadLetter(copy, message, `came back more often than its delivery limit ${deliveryLimit} allows`);
  }

  #deadLetter(copy: Copy, message: WireMessage, reason: string): void {
    const queue = this.topology.queue(copy.queue ?? "");
    const targets = this.topology.deadLetterRoute(queue, message);
    this.#end(copy);
    for (const target of targets ?? []) this.#add(message, target);
    const isLost = targets?.length === 0 || queue.deadLetterExchange === undefined;
    this.#say(isLost ? "dropped" : "deadLettered", message, copy.queue, { reason });
  }

  #end(copy: Copy): void {
    this.#copies.remove(identityOf(copy.message), copy);
  }

  #waitMs(name: string | undefined): number | undefined {
    if (name === undefined) return undefined;
    const { messageTtlMs, deadLetterExchange } = this.topology.queue(name);
    return deadLetterExchange === undefined ? undefined : messageTtlMs;
  }

  #say(kind: SightingKind, message: WireMessage, queue: string | undefined, failure?: Failure): void {
    this.#tell({ kind, message, queue, failure });
  }
}

function deliveryCountOf({ properties }: WireMessage): number {
  const field = properties.headers?.get("x-delivery-count");
  return field === undefined || !("value" in field) ? 0 : Number(field.value) || 0;
}
