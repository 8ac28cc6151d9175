import { type Confirmation, PublishError, type Publishing, WarrenError } from "@warren/message";
import type { Outgoing } from "./read-messages.ts";
import { Window } from "./window.ts";

export interface PublishAllOptions {
  readonly maxInFlight: number;
  readonly maxInFlightBytes: number;
  /** Ends the reading; what is in flight is waited for. */
  readonly signal: AbortSignal;
}

/** What became of one message. `seq` counts from 1 in the order of the input. */
export interface Settled {
  readonly seq: number;
  readonly message: Outgoing;
  readonly confirmation: Confirmation;
}

/**
 * Publishes what comes in, in order and windowed, and tells `settled` what became of each; a message keeps its place
 * in the window until `settled` has dealt with it, so nothing piles up behind a slow disk either. Resolves when all
 * are settled; what the input or `settled` throws is thrown after that.
 */
export async function publishAll(
  messages: AsyncIterable<Outgoing>,
  publish: (publishing: Publishing) => Promise<Confirmation>,
  settled: (result: Settled) => Promise<void> | void,
  options: PublishAllOptions,
): Promise<void> {
  const window = new Window(options.maxInFlight, options.maxInFlightBytes);
  const failures: unknown[] = [];
  let seq = 0;
  const settle = async (result: Promise<Settled>, bytes: number): Promise<void> => {
    try {
      await settled(await result);
    } catch (error) {
      failures.push(error);
    }
    window.leave(bytes);
  };
  try {
    for await (const message of messages) {
      const bytes = message.publishing.body.byteLength;
      await window.enter(bytes);
      if (options.signal.aborted || failures.length > 0) {
        window.leave(bytes);
        break;
      }
      const own = ++seq;
      const result = outcomeOf(publish(message.publishing)).then((confirmation) => ({
        seq: own,
        message,
        confirmation,
      }));
      void settle(result, bytes);
    }
  } catch (error) {
    failures.unshift(error);
  }
  await window.empty();
  if (failures.length > 0) throw failures[0];
}

/** A failed publish throws, carrying the same value that a good one resolves with. */
async function outcomeOf(publishing: Promise<Confirmation>): Promise<Confirmation> {
  try {
    return await publishing;
  } catch (error) {
    if (error instanceof PublishError) return error.outcome;
    if (error instanceof WarrenError) return { status: "refused", stored: "no", messageId: "", error };
    throw error;
  }
}
