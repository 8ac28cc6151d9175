import { SettleOnce } from "../faults/checkers/settle-once.ts";
import { TotalQueue } from "../faults/checkers/total-queue.ts";
import { endsDead, fateOf } from "./fate.ts";

/** Why a message came to its end more than once. */
export interface Copies {
  /** Its publish was written again after a loss. */
  readonly republished: number;
  /** Its ack was lost, and the broker said so. */
  readonly redelivered: number;
  /** Its ack was lost with a broker that did not remember the delivery. */
  readonly unmarked: number;
  /** It was moved to a wait queue or the dead-letter queue twice. */
  readonly movedAgain: number;
}

/** The most copies that the faults of a run can have made. */
export interface CopyLimits {
  /** Sum of the publish windows at the faults. */
  readonly publishes: number;
  /** Sum of the prefetches at the faults. */
  readonly deliveries: number;
}

/** K1 and K5 over the ledgers that the processes of a soak have left, and over the dead letters at its end. */
export class SoakAccount {
  readonly #total = new TotalQueue();
  readonly #settles = new SettleOnce();
  /** How many ends each number came to. */
  readonly #ends = new Map<number, number>();
  readonly #attempts = new Map<number, number>();
  readonly #wrongEnds: string[] = [];
  readonly #copies = { republished: 0, redelivered: 0, unmarked: 0, movedAgain: 0 };
  readonly #failures: Record<string, number> = {};
  sent = 0;
  confirmed = 0;
  /** Writes to a socket beyond the first of each publish. */
  replays = 0;
  /** In flight when the process was killed: nobody knows whether they were stored. */
  unknownAtKill = 0;
  refusals = 0;

  /** Before `consumer`: why a message came twice is to be seen in how often it was written. */
  publisher(lines: Iterable<string>): void {
    const open = new Set<string>();
    for (const line of lines) {
      const [kind, id = "", ...rest] = line.split(" ");
      if (kind === "begin") {
        this.unknownAtKill += open.size;
        open.clear();
      } else if (kind === "send") {
        this.sent++;
        open.add(id);
        this.#total.attempt(id);
      } else if (kind === "confirm" || kind === "fail") {
        if (open.delete(id)) this.#settles.begin(id);
        this.#settles.settle(id);
        if (kind === "confirm") this.#confirm(id, Number(rest[0]));
        else this.#fail(id, rest);
      }
    }
    // The last of the processes was not killed, so that everything has to have settled.
    for (const id of open) this.#settles.begin(id);
  }

  consumer(lines: Iterable<string>): void {
    for (const line of lines) {
      const [kind, id = "", attempt, redelivered] = line.split(" ");
      if (kind === "refuse") this.refusals++;
      if (kind !== "effect") continue;
      const number = Number(id);
      const wanted = fateOf(number) === "retried" ? "2" : "1";
      if (endsDead(number) || attempt !== wanted)
        this.#wrongEnds.push(`${id} was handled at attempt ${attempt}, though it is to be ${fateOf(number)}`);
      this.#end(number, id, redelivered === "1");
    }
  }

  /** A message in a dead-letter queue. */
  deadLetter(id: string): void {
    const number = Number(id);
    if (!endsDead(number))
      this.#wrongEnds.push(`${id} is a dead letter, though it is to be ${fateOf(number)}`);
    this.#end(number, id, false);
  }

  /** The broker itself says that every queue is empty. */
  drained(): void {
    this.#total.drained();
  }

  get copies(): Copies {
    return this.#copies;
  }

  /** Publishes that were rejected, by status and whether they may be stored. */
  get failures(): Readonly<Record<string, number>> {
    return this.#failures;
  }

  get ended(): number {
    return this.#ends.size;
  }

  /** Lost, unexpected, duplicates in all, and recovered: not confirmed, and come to an end all the same. */
  get audit(): { lost: number; unexpected: number; duplicates: number; recovered: number } {
    const { lost, unexpected, duplicates, recovered } = this.#total.audit();
    return { lost: lost.length, unexpected: unexpected.length, duplicates, recovered: recovered.length };
  }

  async problems(limits: CopyLimits): Promise<readonly string[]> {
    const { republished, redelivered, unmarked, movedAgain } = this.#copies;
    const over = (what: string, count: number, limit: number): readonly string[] =>
      count > limit ? [`${count} copies ${what}, more than the ${limit} in flight at the faults`] : [];
    return [
      ...this.#total.problems(),
      ...(await this.#settles.problems(0)),
      ...this.#wrongEnds,
      ...over("by a second publish", republished, limits.publishes),
      ...over("by a second delivery", redelivered + unmarked, limits.deliveries),
      // What is moved again may have been both published and delivered a second time.
      ...over("by a second move", movedAgain, 2 * limits.deliveries),
    ];
  }

  #confirm(id: string, attempts: number): void {
    this.confirmed++;
    this.#total.confirm(id);
    if (attempts === 1) return;
    this.replays += attempts - 1;
    this.#attempts.set(Number(id), attempts);
  }

  #fail(id: string, [status = "", stored = ""]: readonly string[]): void {
    const what = `${status}, stored: ${stored}`;
    this.#failures[what] = (this.#failures[what] ?? 0) + 1;
    if (stored === "no") this.#total.refuse(id);
    // It may have been written more than once.
    else this.#attempts.set(Number(id), 2);
  }

  #end(number: number, id: string, redelivered: boolean): void {
    this.#total.end(id);
    const ends = (this.#ends.get(number) ?? 0) + 1;
    this.#ends.set(number, ends);
    if (ends === 1) return;
    if (redelivered) this.#copies.redelivered++;
    else if (ends <= (this.#attempts.get(number) ?? 1)) this.#copies.republished++;
    else if (fateOf(number) === "handled") this.#copies.unmarked++;
    else this.#copies.movedAgain++;
  }
}
