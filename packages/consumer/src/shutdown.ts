import type { ConsumeChannel } from "@warren/connection";
import { DeliveryError } from "@warren/message";
import type { Mover } from "./mover.ts";
import type { Runner } from "./runner.ts";
import type { Settlements } from "./settlements.ts";

export interface ShutDownParts {
  readonly channel: ConsumeChannel;
  readonly mover: Mover;
  readonly settlements: Settlements;
  readonly runner: Runner;
}

/** What is kept of the deadline for giving back, flushing and closing. */
const reservedShare = 0.2;
const mostReservedMs = 2_000;

/**
 * 1. No more messages: the consumer is cancelled, what was not started goes back to the queue at once.
 * 2. Handlers at work may finish, moves may be confirmed.
 * 3. At the deadline less a reserve their signals abort, and what is left goes back to the queue.
 * 4. Acks are written, the channel is closed behind them.
 */
export async function shutDown(
  { channel, mover, settlements, runner }: ShutDownParts,
  timeoutMs: number,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  const reservedMs = Math.min(timeoutMs * reservedShare, mostReservedMs);
  const left = (): number => Math.max(1, deadline - performance.now());

  runner.hold();
  await within(
    channel.cancel().catch(() => undefined),
    left() - reservedMs,
  );
  for (const delivery of runner.drain()) settlements.giveBack(delivery);

  await within(settlements.whenEmpty(), left() - reservedMs);

  const aborted = new DeliveryError("HANDLER_TIMEOUT", "the consumer is stopped");
  for (const delivery of settlements.held) delivery.abort(aborted);
  await within(settlements.whenEmpty(), reservedMs / 4);
  for (const delivery of settlements.held) settlements.giveBack(delivery);

  settlements.flush();
  await Promise.all([channel.close(left() / 2), mover.close(left() / 2)]);
}

/** Resolves with the promise, or when the time is over. */
async function within(promise: Promise<unknown>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, Math.max(0, timeoutMs))));
  await Promise.race([promise, late]);
  clearTimeout(timer);
}
