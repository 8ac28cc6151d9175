import type { Connection, QueueRef } from "@warren/connection";
import { createConsumer, onAny } from "@warren/consumer";
import type { Publisher } from "@warren/publisher";
import type { Countdown } from "./countdown.ts";
import type { Ledger } from "./ledger.ts";

/**
 * Sends every dead letter back to the queue that it came from. Each is acknowledged in the dead-letter queue only
 * after the broker has confirmed the copy: a crash in between would make a duplicate, never a loss.
 */
export async function replayDeadLetters(
  connection: Connection,
  publisher: Publisher,
  queue: QueueRef,
  ledger: Ledger,
  replayed: Countdown,
): Promise<AsyncDisposable> {
  const dead = queue.deadLetter?.queue;
  if (dead === undefined) throw new Error(`${queue.name} has no dead-letter queue`);
  const replay = createConsumer(connection, {
    queue: dead,
    handlers: [
      onAny(async ({ body, properties, messageId = "" }) => {
        ledger.record(queue.name, "dead", messageId);
        const { headers: _history, ...kept } = properties;
        await publisher.publish({ exchange: "", routingKey: queue.name, body, ...kept });
        replayed.add();
      }),
    ],
    concurrency: 50,
  });
  await replay.start();
  return replay;
}
