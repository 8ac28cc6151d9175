import type { Confirmation, WarrenError } from "@warren/message";
import { saysClosed } from "../channel/broker-refusal.ts";
import type { WireReturn } from "../channel/wire-message.ts";
import { Backlog } from "./backlog.ts";
import { blamesPublish, mayBlamePublish } from "./blame.ts";
import { type BufferLimits, BufferRoom } from "./buffer-room.ts";
import { ExchangeGate } from "./exchange-gate.ts";
import { InFlightTable } from "./in-flight-table.ts";
import type { KnownExchanges, LedgerEvents, PublishWire } from "./ledger-ports.ts";
import { Outgoing, type OutgoingContent, type OutgoingTerms } from "./outgoing.ts";
import {
  answered,
  condemned,
  givenUp,
  refused,
  refusedOnTheWire,
  timedOut,
  unencodable,
} from "./outcomes.ts";
import type { Turns, TurnTaker } from "./turns.ts";

/**
 * A queue without a leader makes RabbitMQ answer nothing more on the channel, also for publishes to healthy queues.
 * Not sooner: what a slow broker has not answered would be sent to it once more.
 */
const silentAfterMs = 10_000;

/**
 * Every publish that was accepted and has not settled, what is written next, and how each ends. No I/O: the channel,
 * its answers and the time come from outside.
 *
 * - What is in flight when its channel is lost is written again, in order, before anything newer.
 * - After a refusal that closed the channel, one at a time: the culprit is the one that is alone when it happens again.
 * - After a silence one at a time, too, so that those before the next silent one are confirmed.
 * - After one that closed the connection, one at a time on the whole socket: see {@link Turns}.
 * - Each publish settles exactly once, and leaves the books when it does.
 */
export class PublishLedger implements TurnTaker {
  readonly #maxInFlight: number;
  readonly #gate: ExchangeGate;
  readonly #now: () => number;
  readonly #events: LedgerEvents;
  readonly #room: BufferRoom;
  readonly #backlog: Backlog;
  readonly #inFlight = new InFlightTable();
  readonly #turns: Turns;
  #wire: PublishWire | undefined;
  #paused = false;
  #isolating = false;
  #draining = false;
  #lastNumber = 0;
  #answeredAt = 0;

  /** @param turns shared with all others on the socket. */
  constructor(
    limits: BufferLimits,
    exchanges: KnownExchanges,
    turns: Turns,
    now: () => number,
    events: LedgerEvents,
  ) {
    this.#turns = turns;
    turns.join(this);
    this.#maxInFlight = limits.maxInFlight;
    this.#now = now;
    this.#events = events;
    this.#room = new BufferRoom(limits);
    this.#gate = new ExchangeGate(exchanges.trusted, exchanges.check, (exchange, error) => {
      if (error !== undefined)
        for (const outgoing of this.#backlog.waitingFor(exchange))
          this.#settle(outgoing, refused(outgoing.messageId, error));
      this.pump();
    });
    this.#backlog = new Backlog(this.#gate);
  }

  /** How many are written and not answered. */
  get inFlightCount(): number {
    return this.#inFlight.count;
  }

  get unansweredCount(): number {
    return this.#inFlight.count + this.#inFlight.forgottenCount;
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
    this.pump();
    return outgoing;
  }

  /** A new channel. */
  up(wire: PublishWire): void {
    this.#wire = wire;
    this.#draining = false;
    this.#answeredAt = this.#now();
    this.pump();
  }

  /**
   * The channel is gone, and with it every answer that had not come.
   *
   * @param isRefusal of one of the publishes on it, for what it is.
   */
  down(error: WarrenError, isRefusal: boolean = blamesPublish(error)): void {
    this.#wire = undefined;
    const isAlone = this.unansweredCount === 1 && this.#inFlight.count === 1;
    const lost = this.#inFlight.drain();
    if (isRefusal) this.#isolating = !isAlone;
    const ends = lost.map((outgoing) => this.#lose(outgoing, isAlone, error, isRefusal));
    this.#backlog.putBack(lost.filter((_, at) => ends[at] === undefined));
    if (mayBlamePublish(error) && this.#backlog.hasReplays) this.#turns.suspect(this);
    this.#turns.lost(this);
    // Last: who is told may publish again at once.
    for (const [at, end] of ends.entries()) if (end !== undefined) this.#settle(lost[at]!, end);
  }

  /** The broker reads nothing (`connection.blocked`): nothing is written, and no confirm is overdue. */
  pause(): void {
    this.#paused = true;
    for (const outgoing of this.#inFlight) outgoing.confirmBy = Infinity;
  }

  resume(): void {
    this.#paused = false;
    this.#answeredAt = this.#now();
    for (const outgoing of this.#inFlight) this.#expectConfirm(outgoing);
    this.pump();
  }

  confirmed(deliveryTag: number, multiple: boolean, positive: boolean): void {
    const nowMs = this.#now();
    this.#answeredAt = nowMs;
    this.#inFlight.take(deliveryTag, multiple, (outgoing) =>
      this.#settle(outgoing, answered(outgoing, positive, nowMs)),
    );
    this.pump();
  }

  returned(message: WireReturn): void {
    this.#inFlight.markReturned(message);
  }

  /** Ends what is overdue; returns when the next one will be. */
  sweep(nowMs: number): number {
    let next = Infinity;
    let isSilent = false;
    const overdue: Outgoing[] = [];
    for (const outgoing of this.#all()) {
      const { dueAt } = outgoing;
      if (dueAt <= nowMs) overdue.push(outgoing);
      else next = Math.min(next, dueAt);
      if (outgoing.confirmBy <= nowMs && nowMs - this.#answeredAt >= silentAfterMs) isSilent = true;
    }
    for (const outgoing of overdue) this.#settle(outgoing, timedOut(outgoing, nowMs));
    if (isSilent) {
      // Another one for the same queue would silence what is written before it, too.
      this.#isolating = true;
      this.#events.silent();
    }
    this.#goOn();
    return next;
  }

  /** Nobody waits for this one any more. */
  giveUp(outgoing: Outgoing, error: WarrenError): void {
    if (outgoing.isSettled) return;
    this.#settle(outgoing, givenUp(outgoing, error));
    this.#goOn();
  }

  /** Gives up everything; nothing is written any more. */
  end(error: WarrenError): void {
    this.#wire = undefined;
    this.#turns.leave(this);
    // A copy: settling changes what is walked through.
    const all = Array.from(this.#all());
    for (const outgoing of all) this.#settle(outgoing, givenUp(outgoing, error));
  }

  *#all(): Iterable<Outgoing> {
    yield* this.#inFlight;
    yield* this.#backlog;
  }

  /** Writes as much as may be written now. */
  pump(): void {
    const wire = this.#wire;
    if (wire === undefined || this.#paused) return;
    if (this.#inFlight.count === 0) this.#nothingInFlight();
    while (wire === this.#wire && wire.open) {
      if (this.#inFlight.count >= this.#window) return;
      if (wire.congested) {
        this.#pumpWhenDrained(wire);
        return;
      }
      const next = this.#backlog.next();
      if (next === undefined) break;
      if (!this.#write(wire, next)) return;
    }
    if (this.#inFlight.count === 0) this.#nothingInFlight();
  }

  /** Some are not waited for any more; they may have been what others wait for. */
  #goOn(): void {
    if (this.#inFlight.count === 0) this.#nothingInFlight();
    this.pump();
  }

  /** How many may be in flight now. */
  get #window(): number {
    if (this.#turns.areTaken) return this.#turns.isOthers(this) ? 0 : 1;
    return this.#isolating ? 1 : this.#maxInFlight;
  }

  #nothingInFlight(): void {
    if (!this.#isolating && !this.#turns.areTaken) return;
    if (!this.#backlog.hasReplays) {
      this.#isolating = false;
      this.#turns.absolve(this);
    }
    this.#turns.release(this);
  }

  #pumpWhenDrained(wire: PublishWire): void {
    if (this.#draining) return;
    this.#draining = true;
    wire.onceDrained(() => {
      if (wire !== this.#wire) return;
      this.#draining = false;
      this.pump();
    });
  }

  /** Says whether the channel takes more. */
  #write(wire: PublishWire, outgoing: Outgoing): boolean {
    this.#turns.take(this, outgoing);
    try {
      wire.publish(outgoing.fields, outgoing.properties, outgoing.body);
    } catch (thrown) {
      // Whatever it is, nothing was written.
      const isGone = saysClosed(thrown);
      if (wire.open && !isGone) {
        this.#settle(outgoing, unencodable(outgoing, thrown));
        return true;
      }
      this.#backlog.putBack([outgoing]);
      if (wire.open) this.#events.silent();
      return false;
    }
    outgoing.attempts++;
    // Silence begins with the first that there is to answer.
    if (this.unansweredCount === 0) this.#answeredAt = this.#now();
    this.#inFlight.add(outgoing);
    this.#expectConfirm(outgoing);
    this.#events.written(outgoing);
    return true;
  }

  #expectConfirm(outgoing: Outgoing): void {
    outgoing.confirmBy = this.#now() + outgoing.confirmTimeoutMs;
    this.#events.due(outgoing.confirmBy);
  }

  /** How it ends because its channel is gone; nothing when it is to be written again. */
  #lose(
    outgoing: Outgoing,
    isAlone: boolean,
    error: WarrenError,
    isRefusal: boolean,
  ): Confirmation | undefined {
    outgoing.confirmBy = Infinity;
    outgoing.returned = undefined;
    if (!isRefusal || !isAlone) outgoing.lose(isRefusal ? error.message : undefined);
    else {
      outgoing.refuse(error.message);
      this.#gate.distrust(outgoing.fields.exchange);
      return refusedOnTheWire(outgoing, error);
    }
    if (mayBlamePublish(error) && this.#turns.strike(outgoing)) return condemned(outgoing, error);
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
