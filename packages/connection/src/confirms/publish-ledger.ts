import type { Confirmation, WarrenError } from "@warren/message";
import type { WireReturn } from "../channel/wire-message.ts";
import { Backlog } from "./backlog.ts";
import type { Blame } from "./blame.ts";
import { type BufferLimits, BufferRoom } from "./buffer-room.ts";
import { ExchangeGate } from "./exchange-gate.ts";
import { InFlightTable } from "./in-flight-table.ts";
import type { KnownExchanges, LedgerEvents, PublishWire } from "./ledger-ports.ts";
import { NackWatch } from "./nack-watch.ts";
import { Outgoing, type OutgoingContent, type OutgoingTerms } from "./outgoing.ts";
import { answered, condemned, givenUp, refused, refusedOnTheWire, timedOut } from "./outcomes.ts";
import { PublishWriter } from "./publish-writer.ts";
import type { Turns } from "./turns.ts";

/**
 * A queue without a leader makes RabbitMQ answer nothing more on the channel, also for publishes to healthy queues.
 * Not sooner: what a slow broker has not answered would be sent to it once more.
 */
const silentAfterMs = 10_000;

/**
 * Every publish that was accepted and has not settled, and how each ends; the {@link PublishWriter} says when it is
 * written. No I/O: the channel, its answers and the time come from outside.
 *
 * - What is in flight when its channel is lost is written again, in order, before anything newer.
 * - After a refusal that closed the channel, one at a time: the culprit is the one that is alone when it happens again.
 * - After a silence one at a time, too, so that those before the next silent one are confirmed.
 * - After one that closed the connection, one at a time on the whole socket: see {@link Turns}.
 * - A channel on which a route has only nacks is renewed once nothing is in flight: see {@link NackWatch}.
 * - Each publish settles exactly once, and leaves the books when it does.
 */
export class PublishLedger {
  readonly #gate: ExchangeGate;
  readonly #now: () => number;
  readonly #events: LedgerEvents;
  readonly #room: BufferRoom;
  readonly #backlog: Backlog;
  readonly #inFlight = new InFlightTable();
  readonly #nacks = new NackWatch();
  readonly #turns: Turns;
  readonly #writer: PublishWriter;
  #lastNumber = 0;

  /** @param turns shared with all others on the socket. */
  constructor(
    limits: BufferLimits,
    exchanges: KnownExchanges,
    turns: Turns,
    now: () => number,
    events: LedgerEvents,
  ) {
    this.#turns = turns;
    this.#now = now;
    this.#events = events;
    this.#room = new BufferRoom(limits);
    this.#gate = new ExchangeGate(exchanges.trusted, exchanges.check, (exchange, error) => {
      if (error !== undefined)
        for (const outgoing of this.#backlog.waitingFor(exchange))
          this.#settle(outgoing, refused(outgoing.messageId, error));
      this.#writer.pump();
    });
    this.#backlog = new Backlog(this.#gate);
    this.#writer = new PublishWriter(limits.maxInFlight, turns, {
      inFlight: this.#inFlight,
      backlog: this.#backlog,
      nacks: this.#nacks,
      now,
      events,
      settle: (outgoing, confirmation) => this.#settle(outgoing, confirmation),
    });
  }

  /** How many are written and not answered. */
  get inFlightCount(): number {
    return this.#inFlight.count;
  }

  /** How many have not settled. */
  get unsettledCount(): number {
    return this.#room.count;
  }

  /** Bodies and headers of those. */
  get unsettledBytes(): number {
    return this.#room.bytes;
  }

  /** The number of the newest publish. */
  get lastNumber(): number {
    return this.#lastNumber;
  }

  /** Why there is no room for so many bytes more, or nothing. Bytes not known yet: as many as usual. */
  refusal(bytes: number = this.#room.usualBytes): WarrenError | undefined {
    return this.#room.refusal(bytes);
  }

  /** Takes one into the books; it is written at once if it can be. */
  accept(
    content: OutgoingContent,
    terms: OutgoingTerms,
    settled: (confirmation: Confirmation) => void,
  ): Outgoing {
    const outgoing = new Outgoing(++this.#lastNumber, content, terms, settled);
    this.#room.take(outgoing.bytes);
    this.#events.due(outgoing.deliverBy);
    this.#backlog.push(outgoing, this.#room.count);
    this.#writer.pump();
    return outgoing;
  }

  /** A new channel. */
  up(wire: PublishWire): void {
    this.#writer.up(wire);
  }

  /** The channel is gone, and with it every answer that had not come. */
  down(blame: Blame): void {
    const isAlone = this.#writer.unansweredCount === 1 && this.#inFlight.count === 1;
    const lost = this.#inFlight.drain();
    this.#nacks.down();
    if (blame.on === "one") this.#writer.isolate(!isAlone);
    const ends = lost.map((outgoing) => this.#lose(outgoing, isAlone, blame));
    this.#backlog.putBack(lost.filter((_, at) => ends[at] === undefined));
    this.#writer.down(blame.on === "perhaps one");
    // Last: who is told may publish again at once.
    for (const [at, end] of ends.entries()) if (end !== undefined) this.#settle(lost[at]!, end);
  }

  /** The broker reads nothing (`connection.blocked`): nothing is written, and no confirm is overdue. */
  pause(): void {
    this.#writer.pause();
    for (const outgoing of this.#inFlight) outgoing.confirmBy = Infinity;
  }

  resume(): void {
    this.#writer.resume();
  }

  confirmed(deliveryTag: number, multiple: boolean, positive: boolean): void {
    const nowMs = this.#now();
    this.#writer.heard(nowMs);
    const isWatched = this.#events.renew !== undefined && (!positive || this.#nacks.isWatching);
    this.#inFlight.take(deliveryTag, multiple, (outgoing) => {
      if (isWatched) this.#watch(outgoing, positive, nowMs);
      this.#settle(outgoing, answered(outgoing, positive, nowMs));
    });
    this.#writer.pump();
  }

  returned(message: WireReturn): void {
    this.#inFlight.markReturned(message);
  }

  /** Ends what is overdue; returns when the next one will be. */
  sweep(nowMs: number): number {
    this.#nacks.expire(nowMs);
    let next = this.#nacks.heldUntil;
    let isSilent = false;
    const overdue: Outgoing[] = [];
    for (const outgoing of this.#all()) {
      const { dueAt } = outgoing;
      if (dueAt <= nowMs) overdue.push(outgoing);
      else next = Math.min(next, dueAt);
      if (outgoing.confirmBy <= nowMs && nowMs - this.#writer.heardAt >= silentAfterMs) isSilent = true;
    }
    for (const outgoing of overdue) this.#settle(outgoing, timedOut(outgoing, nowMs));
    if (isSilent) {
      // Another one for the same queue would silence what is written before it, too.
      this.#writer.isolate(true);
      this.#events.silent();
    }
    this.#writer.goOn();
    return next;
  }

  /** Nobody waits for this one any more. */
  giveUp(outgoing: Outgoing, error: WarrenError): void {
    if (outgoing.isSettled) return;
    this.#settle(outgoing, givenUp(outgoing, error));
    this.#writer.goOn();
  }

  /** Gives up everything; nothing is written any more. */
  end(error: WarrenError): void {
    this.#writer.end();
    // A copy: settling changes what is walked through.
    const all = Array.from(this.#all());
    for (const outgoing of all) this.#settle(outgoing, givenUp(outgoing, error));
  }

  *#all(): Iterable<Outgoing> {
    yield* this.#inFlight;
    yield* this.#backlog;
  }

  #watch({ fields: { exchange, routingKey } }: Outgoing, positive: boolean, nowMs: number): void {
    if (positive) this.#nacks.acked(exchange, routingKey);
    else {
      this.#nacks.nacked(exchange, routingKey, nowMs);
      this.#events.due(this.#nacks.heldUntil);
    }
  }

  /** How it ends because its channel is gone; nothing when it is to be written again. */
  #lose(outgoing: Outgoing, isAlone: boolean, { on, error }: Blame): Confirmation | undefined {
    outgoing.confirmBy = Infinity;
    outgoing.returned = undefined;
    if (on === "one" && isAlone) {
      outgoing.refuse(error.message);
      this.#gate.distrust(outgoing.fields.exchange);
      return refusedOnTheWire(outgoing, error);
    }
    outgoing.lose(on === "one" ? error.message : undefined);
    if (on === "perhaps one" && this.#turns.strike(outgoing)) return condemned(outgoing, error);
    return outgoing.replay ? undefined : givenUp(outgoing, error);
  }

  /** The first call counts. */
  #settle(outgoing: Outgoing, confirmation: Confirmation): void {
    if (outgoing.isSettled) return;
    this.#inFlight.remove(outgoing);
    this.#room.giveBack(outgoing.bytes);
    this.#events.settled(outgoing, confirmation);
    outgoing.settle(confirmation);
  }
}
