import type { Command } from "./sequence/command.ts";

/** What the random sequences found, shrunk. The names are sentences about RabbitMQ. */
export const regressions: Readonly<Record<string, readonly Command[]>> = {
  "a message without time to live stays where a higher priority put it before one that lives": [
    { do: "declare queue", on: "a", queue: "q3", messageTtlMs: 60_000, maxPriority: 3 },
    { do: "publish", on: "a", exchange: "", key: "q3" },
    { do: "publish", on: "b", exchange: "", key: "q3", expirationMs: 0, priority: 5 },
  ],
  "what a get holds counts as a consumer of a quorum queue": [
    { do: "declare queue", on: "a", queue: "q1", kind: "quorum" },
    { do: "publish", on: "b", exchange: "", key: "q1" },
    { do: "get", on: "a", queue: "q1" },
  ],
};
