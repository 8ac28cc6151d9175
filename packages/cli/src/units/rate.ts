const perMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** The longest pause that a timer can make. */
const longestMs = 2 ** 31 - 1;

/** "500/s", "30/m", "10/h": messages per second; nothing when the text is no rate, or one message takes over 24 days. */
export function parseRatePerSecond(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\/(s|m|h)$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  const rate = (Number(amount) * 1_000) / perMs[unit]!;
  return rate >= 1_000 / longestMs && Number.isFinite(rate) ? rate : undefined;
}
