import type { Confirmation } from "@warren/message";
import { saysClosed } from "../channel/broker-refusal.ts";
import type { Backlog } from "./backlog.ts";
import type { InFlightTable } from "./in-flight-table.ts";
import type { LedgerEvents, PublishWire } from "./ledger-ports.ts";
import type { NackWatch } from "./nack-watch.ts";
import type { Outgoing } from "./outgoing.ts";
import { unencodable } from "./outcomes.ts";
import type { Turns, TurnTaker } from "./turns.ts";

/** The books of one channel, and who wants to hear of them. */
interface WriterPorts {
  readonly inFlight: InFlightTable;
  readonly backlog: Backlog;
  readonly nacks: NackWatch;
  readonly now: () => number;
  readonly events: LedgerEvents;
  /** It cannot be written, and nothing was. */
  readonly settle: (outgoing: Outgoing, confirmation: Confirmation) => void;
}

/**
 * Writes what waits, in its order, when it may be written:
 *
 * - within the window while all is well;
 * - one at a time after a refusal or a silence, until nothing is left to be written again;
 * - in turns with the others on the socket after the broker has closed the connection: see {@link Turns};
 * - not at all while the broker is blocked, the socket congested, or the channel about to be renewed.
 */
export class PublishWriter implements TurnTaker {
  readonly #maxInFlight: number;
  readonly #turns: Turns;
  readonly #inFlight: InFlightTable;
  readonly #backlog: Backlog;
  readonly #nacks: NackWatch;
  readonly #now: () => number;
  readonly #events: LedgerEvents;
  readonly #settle: WriterPorts["settle"];
  #wire: PublishWire | undefined;
  #paused = false;
  #isolating = false;
  #draining = false;
  #heardAt = 0;

  /** @param turns shared with all others on the socket. */
  constructor(maxInFlight: number, turns: Turns, ports: WriterPorts) {
    this.#maxInFlight = maxInFlight;
    this.#turns = turns;
    this.#inFlight = ports.inFlight;
    this.#backlog = ports.backlog;
    this.#nacks = ports.nacks;
    this.#now = ports.now;
    this.#events = ports.events;
    this.#settle = ports.settle;
    turns.join(this);
  }

  get unansweredCount(): number {
    return this.#inFlight.count + this.#inFlight.forgottenCount;
  }

  /** When the broker answered last, or there began to be something to answer. */
  get heardAt(): number {
    return this.#heardAt;
  }

  heard(nowMs: number): void {
    this.#heardAt = nowMs;
  }

  up(wire: PublishWire): void {
    this.#wire = wire;
    this.#draining = false;
    this.#heardAt = this.#now();
    this.pump();
  }

  /** The channel is gone, and what is to be written again is in the backlog. Nothing is written before the next one. */
  down(isSuspect: boolean): void {
    this.#wire = undefined;
    if (isSuspect && this.#backlog.hasReplays) this.#turns.suspect(this);
    this.#turns.lost(this);
  }

  /** What was written before goes one at a time, or is known to be harmless. */
  isolate(isolating: boolean): void {
    this.#isolating = isolating;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#heardAt = this.#now();
    for (const outgoing of this.#inFlight) this.#expectConfirm(outgoing);
    this.pump();
  }

  end(): void {
    this.#wire = undefined;
    this.#turns.leave(this);
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

  /** Some are not waited for any more. Others may wait for them, even where nothing can be written now. */
  goOn(): void {
    if (this.#wire !== undefined && !this.#paused) this.pump();
    else if (this.#inFlight.count === 0) this.#nothingInFlight();
  }

  /** How many may be in flight now. */
  get #window(): number {
    if (this.#nacks.found !== undefined) return 0;
    if (this.#turns.areTaken) return this.#turns.isOthers(this) ? 0 : 1;
    return this.#isolating ? 1 : this.#maxInFlight;
  }

  #nothingInFlight(): void {
    if (this.#nacks.found !== undefined && this.#wire !== undefined && !this.#paused)
      this.#events.renew?.(this.#nacks.found);
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
    if (this.unansweredCount === 0) this.#heardAt = this.#now();
    this.#inFlight.add(outgoing);
    this.#expectConfirm(outgoing);
    this.#events.written(outgoing);
    return true;
  }

  #expectConfirm(outgoing: Outgoing): void {
    outgoing.confirmBy = this.#now() + outgoing.confirmTimeoutMs;
    this.#events.due(outgoing.confirmBy);
  }
}
