import { milliseconds, resolveOptions } from "@warren/message/authoring";

/** How long `flush` or `close` may take. */
export interface DeadlineOption {
  readonly timeoutMs?: number;
}

const rules = { timeoutMs: milliseconds() };

/** @throws ConfigError INVALID_OPTION */
export function deadlineOf(what: string, options: DeadlineOption | undefined): number | undefined {
  return resolveOptions<DeadlineOption, object>(what, options, {}, rules).timeoutMs;
}
