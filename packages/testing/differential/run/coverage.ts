import type { Command } from "../sequence/command.ts";

/** How a queue treats messages, as far as pairs of it are counted. */
interface Factors {
  readonly "dead letters": string;
  readonly TTL: string;
  readonly overflow: string;
  readonly prefetch: string;
}

const factorNames = ["dead letters", "TTL", "overflow", "prefetch"] as const;

/** Counts what the sequences had in them. */
export class Coverage {
  #sequenceCount = 0;
  readonly #kinds = new Map<string, number>();
  readonly #pairs = new Map<string, number>();

  add(sequence: readonly Command[]): void {
    this.#sequenceCount += 1;
    for (const kind of new Set(sequence.flatMap(kindsOf))) increase(this.#kinds, kind);
    const pairs = sequence.flatMap((command, index) =>
      command.do === "consume" ? pairsOf(factorsOf(sequence, index)) : [],
    );
    for (const pair of new Set(pairs)) increase(this.#pairs, pair);
  }

  /** Markdown: in how much of the sequences each kind is, and in how many each pair. */
  tables(): string {
    const kinds = [...this.#kinds].toSorted(([, one], [, other]) => other - one);
    const pairs = [...this.#pairs].toSorted(([one], [other]) => (one < other ? -1 : 1));
    return [
      "| in | of the sequences |",
      "|---|---|",
      ...kinds.map(([kind, count]) => `| ${kind} | ${((count / this.#sequenceCount) * 100).toFixed(1)} % |`),
      "",
      "| pair, of a queue that was published to and consumed from | sequences |",
      "|---|---|",
      ...pairs.map(([pair, count]) => `| ${pair} | ${count} |`),
    ].join("\n");
  }
}

function increase(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** The command, and what is special in it. */
function kindsOf(command: Command): string[] {
  const kinds: string[] = [command.do];
  if (command.do === "declare queue") {
    if (command.messageTtlMs !== undefined) kinds.push("queue: TTL");
    if (command.deadLetterExchange !== undefined) kinds.push("queue: dead letters");
    if (command.maxLength !== undefined || command.maxLengthBytes !== undefined) kinds.push("queue: limit");
    if (command.overflow !== undefined) kinds.push(`queue: ${command.overflow}`);
    if (command.maxPriority !== undefined) kinds.push("queue: priorities");
    if (command.kind !== undefined) kinds.push(`queue: ${command.kind}`);
    if (command.singleActiveConsumer) kinds.push("queue: single active consumer");
    if (command.autoDelete) kinds.push("queue: autoDelete");
    if (command.exclusive) kinds.push("queue: exclusive");
  }
  if (command.do === "declare exchange" && command.alternateExchange !== undefined)
    kinds.push("alternate exchange");
  if (command.do === "publish" && command.expirationMs !== undefined) kinds.push("publish: expiration");
  if (command.do === "publish" && command.mandatory) kinds.push("publish: mandatory");
  if (command.do === "consume" && command.prefetch !== undefined) kinds.push("consume: prefetch");
  if ("requeue" in command) kinds.push("requeue");
  if ("multiple" in command) kinds.push("multiple");
  return kinds;
}

/** Of the queue that a consume names, if anything is published to it. */
function factorsOf(sequence: readonly Command[], index: number): Factors | undefined {
  const consume = sequence[index]!;
  if (consume.do !== "consume") return undefined;
  const declared = sequence
    .slice(0, index)
    .find((command) => command.do === "declare queue" && command.queue === consume.queue);
  const publishes = sequence.filter(
    (command) => command.do === "publish" && command.exchange === "" && command.key === consume.queue,
  );
  if (declared?.do !== "declare queue" || publishes.length === 0) return undefined;
  const { deadLetterExchange: exchange, deadLetterRoutingKey: key, messageTtlMs, overflow } = declared;
  const limited = declared.maxLength !== undefined || declared.maxLengthBytes !== undefined;
  return {
    "dead letters":
      exchange === undefined
        ? "none"
        : exchange === "x9"
          ? "missing exchange"
          : key === undefined
            ? "kept key"
            : key === declared.queue
              ? "itself"
              : exchange === ""
                ? "other queue"
                : "own key",
    TTL: messageTtlMs === undefined ? "none" : String(messageTtlMs),
    overflow: limited ? (overflow ?? "default") : "no limit",
    prefetch: String(consume.prefetch ?? "as before"),
  };
}

function pairsOf(factors: Factors | undefined): string[] {
  if (factors === undefined) return [];
  return factorNames.flatMap((one, index) =>
    factorNames.slice(index + 1).map((other) => `${one} ${factors[one]} × ${other} ${factors[other]}`),
  );
}
