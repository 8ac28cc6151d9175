import { type Codecs, codecs } from "@warren/message";
import { anObject, milliseconds, resolveOptions } from "@warren/message/authoring";

export interface WatchOptions {
  /**
   * How long a spy and `settled()` wait unless they are told otherwise, in milliseconds. Below the 5 s after which vitest ends a
   * test, so that the test says what is missing and not only that it took too long.
   * @default 4_000
   */
  readonly timeoutMs?: number;
  /** What payloads are decoded with. @default JSON, text and bytes */
  readonly codecs?: Codecs;
  /**
   * The clock of an embedded broker. Given it, a spy or `settled()` that waits moves it on when all that is under way waits for a
   * time to live, so that a retry in an hour takes no time. @default none: it waits as long as it takes
   */
  readonly clock?: { advance(byMs: number): void };
}

export type ResolvedWatchOptions = Required<Omit<WatchOptions, "clock">> & Pick<WatchOptions, "clock">;

/** @throws ConfigError INVALID_OPTION */
export function resolveWatchOptions(options: WatchOptions): ResolvedWatchOptions {
  return resolveOptions<WatchOptions, Required<Omit<WatchOptions, "clock">>>(
    "watchBroker",
    options,
    { timeoutMs: 4_000, codecs: codecs() },
    { timeoutMs: milliseconds(1), codecs: anObject, clock: anObject },
  );
}
