import type { Delivery } from "@warren/message";

/** What a crash cuts: a `FaultProxy`, `broker.proxy` of a watched broker, or anything else that breaks the consumer's connection. */
export interface Breakable {
  reset(): void;
}

const noticedWithinMs = 10_000;

/** Cuts the connections, and waits until the consumer has noticed: what it settles from then on reaches nobody. */
export async function crash(connections: Breakable, { signal }: Delivery): Promise<void> {
  const deadline = AbortSignal.timeout(noticedWithinMs);
  connections.reset();
  if (signal.aborted) return;
  await new Promise<void>((resolve, reject) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
    deadline.addEventListener("abort", () =>
      reject(
        new Error(
          "reset() did not break this consumer's connection: does it lead through the proxy that was given?",
        ),
      ),
    );
  });
}
