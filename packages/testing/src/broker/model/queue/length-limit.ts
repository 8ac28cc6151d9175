import type { QueueSettings } from "./queue-settings.ts";
import type { ReadyLine } from "./ready-line.ts";

/** `x-max-length` and `x-max-length-bytes`. Only what is ready counts. */
export interface LengthLimit {
  /** Whether a message of that size is turned away. */
  refuses(bodyBytes: number): boolean;
  /** Whether the head has to go. */
  exceeded(): boolean;
}

/** Of a classic queue: never more than the limit. */
export function hardLimit(settings: QueueSettings, ready: ReadyLine): LengthLimit {
  const { maxLength = Infinity, maxLengthBytes = Infinity, overflow } = settings;
  const refusing = overflow !== "drop-head";
  return {
    refuses: (bodyBytes) =>
      refusing && (ready.count + 1 > maxLength || ready.bytes + bodyBytes > maxLengthBytes),
    exceeded: () => !refusing && (ready.count > maxLength || ready.bytes > maxLengthBytes),
  };
}

/**
 * Of a quorum queue: it refuses from the message on that went beyond the limit, which it keeps, until four fifths of the
 * limit are left. What is dropped at the head is so at once.
 */
export function softLimit(settings: QueueSettings, ready: ReadyLine): LengthLimit {
  const { maxLength = Infinity, maxLengthBytes = Infinity, overflow } = settings;
  const refusing = overflow === "reject-publish";
  const exceeded = (): boolean => ready.count > maxLength || ready.bytes > maxLengthBytes;
  let full = false;
  return {
    refuses: () => {
      if (!refusing) return false;
      if (exceeded()) full = true;
      else if (full) {
        full = ready.count > Math.trunc(maxLength * 0.8) || ready.bytes > Math.trunc(maxLengthBytes * 0.8);
      }
      return full;
    },
    exceeded: () => !refusing && exceeded(),
  };
}
