import type { DeadLetters } from "./dead-letters.ts";
import type { QueueSettings } from "./queue-settings.ts";
import type { ReadyLine } from "./ready-line.ts";
import type { StoredMessage } from "./stored-message.ts";

/** `x-max-length` and `x-max-length-bytes`. What consumers hold does not count. */
export interface LengthLimit {
  /** Whether a message of that size is turned away. */
  refuses(bodyBytes: number): boolean;
  /** Whether the head has to go. */
  exceeded(): boolean;
  /** What is ready has changed. */
  observe(): void;
}

/** What has to go, from the head on. */
export function takeExcess(ready: ReadyLine, limit: LengthLimit): StoredMessage[] {
  const excess: StoredMessage[] = [];
  while (limit.exceeded()) {
    const stored = ready.take();
    if (stored === undefined) break;
    excess.push(stored);
  }
  return excess;
}

/** Of a classic queue: never more than the limit. */
export function hardLimit(settings: QueueSettings, ready: ReadyLine): LengthLimit {
  const { maxLength = Infinity, maxLengthBytes = Infinity, overflow } = settings;
  const refusing = overflow !== "drop-head";
  return {
    refuses: (bodyBytes) =>
      refusing && (ready.count + 1 > maxLength || ready.bytes + bodyBytes > maxLengthBytes),
    exceeded: () => !refusing && (ready.count > maxLength || ready.bytes > maxLengthBytes),
    observe: () => {},
  };
}

/** Of its limit, below which a quorum queue takes messages again. */
const REOPENS_AT_SHARE = 0.8;

/**
 * Of a quorum queue: it refuses from the message on that went beyond the limit, which it keeps, until four fifths of the
 * limit are left. Dead letters that it keeps count too. What is dropped at the head is so at once.
 */
export function softLimit(settings: QueueSettings, ready: ReadyLine, deadLetters: DeadLetters): LengthLimit {
  const { maxLength = Infinity, maxLengthBytes = Infinity, overflow } = settings;
  const refusing = overflow === "reject-publish";
  const isAbove = (share: number): boolean =>
    ready.count + deadLetters.heldCount > Math.trunc(maxLength * share) ||
    ready.bytes + deadLetters.heldBytes > Math.trunc(maxLengthBytes * share);
  let full = false;
  const observe = (): void => {
    if (!refusing) return;
    // Between the two it stays as it was.
    if (isAbove(1)) full = true;
    else if (!isAbove(REOPENS_AT_SHARE)) full = false;
  };
  return {
    refuses: () => {
      // Dead letters may have arrived since.
      observe();
      return full;
    },
    exceeded: () => !refusing && isAbove(1),
    observe,
  };
}
