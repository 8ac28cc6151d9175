const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** "500ms", "1.5s", "1m", "2h", "1d", or "0": whole milliseconds; nothing when the text is no duration. */
export function parseDurationMs(text: string): number | undefined {
  if (text === "0") return 0;
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  const ms = Math.round(Number(amount) * unitMs[unit]!);
  return ms < 2 ** 31 ? ms : undefined;
}

/** The shortest exact way to write it: 90000 is "90s", 60000 is "1m". */
export function formatDurationMs(ms: number): string {
  if (ms === 0) return "0";
  for (const unit of ["d", "h", "m", "s"])
    if (Number.isInteger(ms / unitMs[unit]!)) return `${ms / unitMs[unit]!}${unit}`;
  return `${ms}ms`;
}
