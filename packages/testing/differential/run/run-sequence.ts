import type { Command } from "../sequence/command.ts";
import { Barrier } from "./barrier.ts";
import { ConnectionLostError, type BrokerSession } from "./broker-session.ts";
import { Interpreter } from "./interpreter.ts";

/** What a broker showed at each command, and at last the contents of all queues. */
export type Observations = readonly (readonly string[])[];

const isShort = (ttlMs: number | undefined): boolean => ttlMs !== undefined && ttlMs < 60_000;

/** Commands after which no broker has anything to do that could still be under way. */
const quickKinds: ReadonlySet<Command["do"]> = new Set([
  "check queue",
  "declare exchange",
  "bind",
  "unbind",
  "limit channel",
]);

/** Runs the commands one after the other, waits after each until the broker is quiet, and deletes what was declared. */
export async function runSequence(
  session: BrokerSession,
  sequence: readonly Command[],
): Promise<Observations> {
  const barrier = new Barrier(session, {
    shortTtls: sequence.some(
      (command) =>
        (command.do === "publish" && isShort(command.expirationMs)) ||
        (command.do === "declare queue" && isShort(command.messageTtlMs)),
    ),
    quorumQueues: sequence.some((command) => command.do === "declare queue" && command.kind === "quorum"),
  });
  const interpreter = new Interpreter(session, barrier);
  const observations: string[][] = [];
  let counts = "";
  try {
    await interpreter.begin();
    for (const command of sequence) {
      const lines = await interpreter.do(command);
      if (!quickKinds.has(command.do) || lines.some((line) => line.includes("closed")))
        await interpreter.quiet();
      lines.push(...interpreter.told());
      if (barrier.counts !== counts) lines.push(barrier.counts);
      counts = barrier.counts;
      observations.push(lines);
    }
    observations.push(await interpreter.drain());
  } catch (error) {
    if (!(error instanceof ConnectionLostError)) throw error;
    observations.push([`connection ${session.plain(error.message)}`]);
  } finally {
    await interpreter.end(sequence);
  }
  return observations;
}
