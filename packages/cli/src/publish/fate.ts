import type { Confirmation } from "@warren/message";

/** What became of a publish, as plain data: an outcome line of `-o ndjson`, the `fate` in a file of `--failed-to`. */
export interface Fate {
  readonly status: Confirmation["status"];
  readonly stored?: "no" | "maybe";
  readonly replyCode?: number;
  readonly replyText?: string;
  readonly afterMs?: number;
  readonly error?: { readonly code: string; readonly message: string };
  readonly attempts?: number;
  readonly latencyMs?: number;
}

export function fateOf(confirmation: Confirmation): Fate {
  const { messageId: _messageId, ...fate } = confirmation;
  if (fate.status === "confirmed") return { ...fate, latencyMs: Number(fate.latencyMs.toFixed(3)) };
  if (fate.status !== "refused" && fate.status !== "unknown") return fate;
  return { ...fate, error: { code: fate.error.code, message: fate.error.sentence } };
}
