import type { Outgoing } from "./outgoing.ts";

/** One channel's publishes, as far as others on its socket are concerned. */
export interface TurnTaker {
  /** Written and neither answered nor lost, those included that are not waited for any more. */
  readonly unansweredCount: number;
  /** It may be its turn. */
  pump(): void;
}

/**
 * Who may write after the broker has closed the connection over a publish without saying which: all channels of the
 * socket together have one publish in flight, until everything that was in flight then is answered. A publish that was
 * alone on the socket when that happened, twice, is the one to blame.
 *
 * Twice, because a channel process of the broker can also crash through no fault of what it was given.
 */
export class Turns {
  readonly #members = new Set<TurnTaker>();
  /** Who has something to write again. */
  readonly #suspects = new Set<TurnTaker>();
  readonly #struck = new WeakSet<Outgoing>();
  #writing: TurnTaker | undefined;
  #alone: Outgoing | undefined;

  get areTaken(): boolean {
    return this.#suspects.size > 0;
  }

  join(member: TurnTaker): void {
    this.#members.add(member);
  }

  leave(member: TurnTaker): void {
    this.#members.delete(member);
    this.absolve(member);
    this.release(member);
  }

  suspect(member: TurnTaker): void {
    this.#suspects.add(member);
  }

  /** It has nothing to write again any more; the last one sets all free. */
  absolve(member: TurnTaker): void {
    if (!this.#suspects.delete(member) || this.areTaken) return;
    this.#writing = undefined;
    this.#alone = undefined;
    this.#pumpAll();
  }

  /** Whether it has to wait until another one's publish is answered. */
  isOthers(member: TurnTaker): boolean {
    return this.#writing !== undefined && this.#writing !== member;
  }

  /** Just before it writes this one. */
  take(member: TurnTaker, outgoing: Outgoing): void {
    if (!this.areTaken) return;
    this.#writing = member;
    this.#alone = this.#unansweredCount === 0 ? outgoing : undefined;
  }

  /** What it had in flight is answered. */
  release(member: TurnTaker): void {
    if (this.#writing !== member) return;
    this.#writing = undefined;
    this.#alone = undefined;
    this.#pumpAll(member);
  }

  /** Its channel is gone. The socket may be, and the next one not know of it yet, hence nobody writes at once. */
  lost(member: TurnTaker): void {
    if (this.#writing !== member) return;
    this.#writing = undefined;
    this.#alone = undefined;
    queueMicrotask(() => this.#pumpAll(member));
  }

  /** The broker closed the connection. Says whether this one is to blame. */
  strike(outgoing: Outgoing): boolean {
    if (this.#alone !== outgoing) return false;
    if (this.#struck.has(outgoing)) return true;
    this.#struck.add(outgoing);
    return false;
  }

  get #unansweredCount(): number {
    let count = 0;
    for (const member of this.#members) count += member.unansweredCount;
    return count;
  }

  /** Those behind `last` first, so that each has its turn. */
  #pumpAll(last?: TurnTaker): void {
    const members = [...this.#members];
    const from = last === undefined ? 0 : members.indexOf(last) + 1;
    for (const member of [...members.slice(from), ...members.slice(0, from)]) member.pump();
  }
}

const bySocket = new WeakMap<object, Turns>();

/** The one that all channels of the socket share. */
export function turnsOf(socket: object): Turns {
  let turns = bySocket.get(socket);
  if (turns === undefined) bySocket.set(socket, (turns = new Turns()));
  return turns;
}
