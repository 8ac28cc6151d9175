import { DeliveryError } from "@warren/message";
import type { Session } from "./session.ts";

/** What is kept of the deadline for giving back, flushing and closing. */
const reservedShare = 0.2;
const mostReservedMs = 2_000;

/**
 * 1. Nothing more is started. The consumer is cancelled, and what was not started, or comes after all, goes back to the
 *    queue at once.
 * 2. Handlers at work may finish, moves and replies may be confirmed.
 * 3. At the deadline less a reserve their signals abort, and what is left goes back to the queue.
 * 4. Acks are written, a quorum queue is asked whether it has them, and the channel is closed behind them.
 *
 * Where order matters nothing goes back before the channel is closed, and the consumer is not cancelled: another one would
 * become the single active consumer, and begin behind what is here. With the channel all goes back at once, in its order.
 */
export async function shutDown(session: Session, timeoutMs: number): Promise<void> {
  const { channel, moves, replies, settlements, runner, queue, settlesThroughLog } = session;
  const deadline = performance.now() + timeoutMs;
  const reservedMs = Math.min(timeoutMs * reservedShare, mostReservedMs);
  const left = (): number => Math.max(1, deadline - performance.now());
  const worked = (): Promise<void> => (runner.ordered ? runner.quiet() : settlements.whenEmpty());

  session.stalled(undefined);
  runner.hold();
  if (!runner.ordered) {
    await within(channel.cancel(), left() - reservedMs);
    session.giveBackRest();
  }

  await within(worked(), left() - reservedMs);

  const aborted = new DeliveryError(
    "CONSUMER_FAILED",
    `the consumer of "${queue}" is being stopped, and its time is over; the message goes back to the queue`,
  );
  for (const delivery of settlements.held) delivery.abort(aborted);
  await within(worked(), reservedMs / 4);
  if (!runner.ordered) for (const delivery of settlements.held) settlements.giveBack(delivery);

  settlements.flush();
  if (settlesThroughLog) await within(channel.settled(), left() / 2);
  const closeMs = left() * 0.9;
  await Promise.all([channel.close(closeMs), moves.close(closeMs), replies.close(closeMs)]);
  settlements.lost(aborted);
  runner.drain();
}

/** Resolves with the promise, or when the time is over. */
async function within(promise: Promise<unknown>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, Math.max(0, timeoutMs))));
  await Promise.race([promise, late]);
  clearTimeout(timer);
}
