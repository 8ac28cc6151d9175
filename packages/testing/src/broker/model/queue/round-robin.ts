import type { ConsumerLine, Member } from "./consumer-line.ts";
import type { QueueConsumer } from "./queue.ts";
import { Ring } from "./ring.ts";

/**
 * Consumers in turn, those of a higher `x-priority` before all others while they have room.
 *
 * One without room leaves the line, and joins at its end when it has room again: then the lines of idle consumers are
 * in the order in which they became idle, as RabbitMQ has them.
 */
export class RoundRobin implements ConsumerLine {
  /** Those with room, as far as is known; the highest priority first. */
  readonly #levels: { readonly priority: number; readonly line: Ring<Member> }[] = [];
  readonly #full = new Set<Member>();
  readonly #members = new Map<QueueConsumer, Member>();
  readonly #leavesWhenFull: boolean;

  /** @param options `leavesWhenFull` for a consumer that leaves with its last message, and not when the next one comes */
  constructor(options: { readonly leavesWhenFull: boolean }) {
    this.#leavesWhenFull = options.leavesWhenFull;
  }

  get count(): number {
    return this.#members.size;
  }

  add(member: Member): void {
    this.#members.set(member.consumer, member);
    this.#enter(member);
  }

  remove(consumer: QueueConsumer): Member | undefined {
    const member = this.#members.get(consumer);
    if (member === undefined) return undefined;
    this.#members.delete(consumer);
    if (!this.#full.delete(member)) this.#levelOf(member).remove(member);
    return member;
  }

  next(): Member | undefined {
    for (const { line } of this.#levels) {
      for (;;) {
        const member = line.first();
        if (member === undefined) break;
        if (!member.consumer.hasRoom()) {
          line.shift();
          this.#full.add(member);
          continue;
        }
        if (line.length > 1) {
          line.shift();
          line.push(member);
        }
        return member;
      }
    }
    return undefined;
  }

  delivered(member: Member): void {
    if (!this.#leavesWhenFull || member.consumer.hasRoom()) return;
    // It was the last to be given its turn.
    this.#levelOf(member).pop();
    this.#full.add(member);
  }

  wake(): void {
    for (const member of this.#full) {
      if (!member.consumer.hasRoom()) continue;
      this.#full.delete(member);
      this.#enter(member);
    }
  }

  [Symbol.iterator](): Iterator<Member> {
    return this.#members.values();
  }

  #enter(member: Member): void {
    this.#levelOf(member).push(member);
  }

  #levelOf({ priority }: Member): Ring<Member> {
    const index = this.#levels.findIndex((level) => level.priority <= priority);
    const found = this.#levels[index];
    if (found?.priority === priority) return found.line;
    const line = new Ring<Member>();
    this.#levels.splice(index < 0 ? this.#levels.length : index, 0, { priority, line });
    return line;
  }
}
