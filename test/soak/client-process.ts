/** The client's end of the talk with the conductor. */
import type { ClientCommand, ClientOrders, ClientReport } from "./client-orders.ts";

type Told = Pick<ClientReport, "count" | "reached" | "idle">;

const everyMs = 250;

export function givenOrders(): ClientOrders {
  return JSON.parse(process.argv[2]!) as ClientOrders;
}

/** Reports until the conductor says stop, and then once more after `close` is done. The process ends by itself. */
export async function reportUntilStopped(
  look: () => Told,
  close: () => Promise<void>,
  heard: (command: { readonly until: number }) => void = () => undefined,
): Promise<void> {
  const report = (closed: boolean): void => {
    const { rss, heapUsed } = process.memoryUsage();
    const handles: Record<string, number> = {};
    for (const kind of process.getActiveResourcesInfo()) handles[kind] = (handles[kind] ?? 0) + 1;
    const told: ClientReport = { ...look(), rssBytes: rss, heapBytes: heapUsed, handles, closed };
    process.send?.(told);
  };
  const timer = setInterval(() => report(false), everyMs);
  await new Promise<void>((resolve) => {
    process.on("message", (command: ClientCommand) => {
      if (command === "stop") resolve();
      else heard(command);
    });
    // Without its conductor nobody needs it.
    process.once("disconnect", resolve);
  });
  clearInterval(timer);
  await close();
  // Sockets that were destroyed are gone from the list a turn later.
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  report(true);
  process.disconnect?.();
}
