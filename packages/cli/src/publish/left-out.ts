import type { Outgoing } from "./read-messages.ts";

/** So many queues are named; the rest is counted. */
const namedQueues = 3;

/** Words for headers that come in numbers. */
const families = ["x-warren-", "x-first-death-", "x-last-death-"] as const;

/** What Warren keeps of a message's properties while it is moved, by the name of the property. */
const earlier: Readonly<Record<string, string>> = {
  "x-warren-expiration": "expiration",
  "x-warren-user-id": "userId",
  "x-warren-cc": "CC",
  "x-warren-bcc": "BCC",
  CC: "CC",
  BCC: "BCC",
};

/** Counts what envelopes were published without, and the dead letters that went back to where they failed. */
export class LeftOut {
  readonly #names = new Set<string>();
  readonly #earlier = new Set<string>();
  readonly #sentBack = new Map<string, number>();
  #messages = 0;

  add({ leftOut = [], sentBackTo }: Outgoing): void {
    if (leftOut.length > 0) this.#messages++;
    for (const name of leftOut) {
      const property = earlier[name];
      if (property !== undefined) this.#earlier.add(property);
      else this.#names.add(familyOf(name));
    }
    if (sentBackTo !== undefined) this.#sentBack.set(sentBackTo, (this.#sentBack.get(sentBackTo) ?? 0) + 1);
  }

  /** One line for a person; nothing where every envelope went as it was. */
  text(): string | undefined {
    if (this.#messages === 0 && this.#sentBack.size === 0) return undefined;
    return [this.#namesText(), this.#earlierText(), this.#sentBackText()].filter(Boolean).join("; ");
  }

  #namesText(): string {
    const of = `left out of ${messages(this.#messages)}`;
    return this.#names.size === 0
      ? of
      : `${of} what the broker or Warren wrote about a failure: ${[...this.#names].join(", ")}`;
  }

  #earlierText(): string {
    return this.#earlier.size === 0 ? "" : `not sent again: ${[...this.#earlier].join(", ")}`;
  }

  #sentBackText(): string {
    if (this.#sentBack.size === 0) return "";
    const queues = [...this.#sentBack].map(([queue, count]) => `"${queue}" (${count})`);
    const named = queues.slice(0, namedQueues).join(", ");
    const more = queues.length > namedQueues ? ` and ${queues.length - namedQueues} more` : "";
    return `sent to the queue it failed in: ${named}${more}`;
  }
}

function familyOf(name: string): string {
  const family = families.find((prefix) => name.startsWith(prefix));
  return family === undefined ? name : `${family}*`;
}

function messages(count: number): string {
  return count === 1 ? "1 message" : `${count} messages`;
}
