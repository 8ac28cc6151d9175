import { createWriteStream, type WriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { finished } from "node:stream/promises";

/** What happened to a city in a queue: its handler finished, or it was found among the dead letters. */
export type Entry = "handled" | "dead";

/**
 * The evidence: a file to which handlers append a line for every message they finish, written before the message is
 * acknowledged. It is read back at the end and compared with the source, id by id.
 */
export class Ledger implements AsyncDisposable {
  readonly path: string;
  readonly #file: WriteStream;

  constructor(path: string) {
    this.path = path;
    this.#file = createWriteStream(path, { flags: "wx" });
  }

  record(queue: string, entry: Entry, id: string): void {
    this.#file.write(`${queue} ${entry} ${id}\n`);
  }

  async close(): Promise<void> {
    if (this.#file.closed) return;
    this.#file.end();
    await finished(this.#file);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** What one queue should have received, and what the broker still holds of it. */
export interface Expectation {
  readonly queue: string;
  readonly published: ReadonlySet<string>;
  /** Messages left in the queue, its wait queues and its dead-letter queue, as the broker counts them. */
  readonly left: number;
}

export interface Audit {
  readonly queue: string;
  readonly published: number;
  readonly handled: number;
  readonly dead: number;
  /** Published, but neither handled nor dead-lettered, nor left on the broker. */
  readonly lost: readonly string[];
  /** Handled, but never published to this queue. */
  readonly unexpected: readonly string[];
  /** Handled once more than needed, summed up: at-least-once delivery allows it, but it is counted. */
  readonly duplicates: number;
  readonly left: number;
  readonly balanced: boolean;
}

/** Compares the ledger with what was published. Balanced means: every id has been handled, and the broker holds nothing. */
export async function audit(path: string, expectations: readonly Expectation[]): Promise<readonly Audit[]> {
  const seen = new Map<string, Record<Entry, Map<string, number>>>();
  for (const { queue } of expectations) seen.set(queue, { handled: new Map(), dead: new Map() });
  for (const line of (await readFile(path, "utf8")).split("\n")) {
    const [queue, entry, id] = line.split(" ") as [string, Entry, string];
    const counts = seen.get(queue)?.[entry];
    counts?.set(id, (counts.get(id) ?? 0) + 1);
  }
  return expectations.map(({ queue, published, left }) => {
    const { handled, dead } = seen.get(queue)!;
    const missing = [...published].filter((id) => !handled.has(id));
    const unexpected = [...handled.keys(), ...dead.keys()].filter((id) => !published.has(id));
    let duplicates = 0;
    for (const times of handled.values()) duplicates += times - 1;
    return {
      queue,
      published: published.size,
      handled: handled.size,
      dead: dead.size,
      lost: missing,
      unexpected,
      duplicates,
      left,
      balanced: missing.length === 0 && unexpected.length === 0 && left === 0,
    };
  });
}
