import { diagnostics } from "@warren/message";

const counts = new Map<string, number>();

function count(name: string, labels: Record<string, string>): void {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
  const series = `${name}{${pairs.join(",")}}`;
  counts.set(series, (counts.get(series) ?? 0) + 1);
}

/** Counts what Warren announces; `docs/diagnostics.md` lists all of it. */
export function countDiagnostics(): void {
  diagnostics.connect.subscribe(({ socket }) => count("warren_connects_total", { socket }));
  diagnostics.confirm.subscribe(({ exchange, confirmation }) =>
    count("warren_publishes_total", { exchange, status: confirmation.status }),
  );
  diagnostics.settle.subscribe(({ queue, acknowledgement }) =>
    count("warren_settles_total", { queue, action: acknowledgement.action }),
  );
  diagnostics.retry.subscribe(({ queue }) => count("warren_retries_total", { queue }));
  diagnostics.deadLetter.subscribe(({ queue, code }) => count("warren_dead_letters_total", { queue, code }));
}

/** In the text format that Prometheus reads. */
export function metricsText(): string {
  return [...counts].map(([series, value]) => `${series} ${value}\n`).join("");
}
