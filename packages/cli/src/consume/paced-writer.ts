import { setTimeout as sleep } from "node:timers/promises";
import type { ByteOutput } from "../output/byte-output.ts";

/** So many messages go into a pipe one by one, each followed by a pause. */
const pacedCount = 32;
const pauseMs = 20;

/**
 * Writes in order. Into a pipe the first messages go slowly: the operating system takes bytes that nobody may ever
 * read, and only a later write tells that the reader is gone. Without the pause `consume | head -3` would have acked
 * what fits into the pipe's buffer; with it, what `head` has not read is still the queue's. A reader that has taken
 * the first ones is there for the rest.
 */
export function pacedWriter(output: ByteOutput, intoPipe: boolean): (bytes: Buffer) => Promise<void> {
  let paced = intoPipe ? pacedCount : 0;
  let turn: Promise<void> = Promise.resolve();
  const slowly = async (bytes: Buffer, before: Promise<void>): Promise<void> => {
    await before;
    await output.write(bytes);
    await sleep(pauseMs);
  };
  return (bytes) => {
    if (paced > 0) {
      paced--;
      turn = slowly(bytes, turn);
      // The caller is told; the chain only keeps the order.
      turn.catch(() => undefined);
      return turn;
    }
    return turn.then(() => output.write(bytes));
  };
}
