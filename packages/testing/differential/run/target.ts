import type { Command } from "../sequence/command.ts";
import { RestlessError } from "./barrier.ts";
import { BrokerSession } from "./broker-session.ts";
import { runSequence, type Observations } from "./run-sequence.ts";

/** Longer than the longest sequence takes on a busy machine. */
const limitMs = 30_000;

/** A broker that sequences run on, several at once, each over a session of its own. */
export class Target {
  readonly name: string;
  readonly #port: number;
  readonly #prefix: string;
  readonly #idle: BrokerSession[] = [];
  #sessionCount = 0;

  /** @param prefix of all names that it declares; no other target on this broker may have it */
  constructor(name: string, port: number, prefix: string) {
    this.name = name;
    this.#port = port;
    this.#prefix = prefix;
  }

  async run(sequence: readonly Command[]): Promise<Observations> {
    const session = this.#idle.pop() ?? (await this.#open());
    const observed = runSequence(session, sequence);
    const observations = await Promise.race([observed, stuck()]).catch((error: unknown) => {
      if (error instanceof RestlessError) return restless;
      throw error;
    });
    if (session.failure === undefined && observations !== isStuck) this.#idle.push(session);
    else await session.close();
    return observations;
  }

  async close(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map((session) => session.close()));
  }

  #open(): Promise<BrokerSession> {
    this.#sessionCount += 1;
    return BrokerSession.open(this.#port, `${this.#prefix}${this.#sessionCount}.`);
  }
}

/** Of a sequence after which a broker does not come to rest. */
export const restless: Observations = [["does not come to rest"]];

const isStuck: Observations = [["no answer"]];

function stuck(): Promise<Observations> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(isStuck), limitMs).unref();
  });
}
