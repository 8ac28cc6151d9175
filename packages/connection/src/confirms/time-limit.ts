import { resolveOptions, type Rules } from "@warren/message/authoring";

export interface TimeLimit {
  /** In milliseconds, at most 2^31 - 1, the longest that a timer can wait; what is left of a limit may have fractions. */
  readonly timeoutMs?: number;
}

const maxTimerMs = 2 ** 31 - 1;

const rules: Rules<TimeLimit> = {
  timeoutMs: (value) =>
    typeof value === "number" && value >= 0 && value <= maxTimerMs
      ? undefined
      : `must be milliseconds from 0 to ${maxTimerMs}`,
};

/** @throws ConfigError INVALID_OPTION */
export function timeLimitOf(method: string, options: TimeLimit): number | undefined {
  return resolveOptions<TimeLimit, {}>(method, options, {}, rules).timeoutMs;
}
