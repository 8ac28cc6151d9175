import { anInteger, aFunction, milliseconds, resolveOptions } from "@warren/message/authoring";
import type { DeduplicationStore } from "./deduplication-store.ts";

export interface MemoryStoreOptions {
  /** How many keys are remembered; the least recently seen is forgotten first. @default 100_000 */
  readonly maxCount?: number;
  /** How long a key is remembered, in milliseconds; longer than the retry ladder. @default 600_000 */
  readonly windowMs?: number;
  /** Milliseconds on a clock that never goes back. @default performance.now */
  readonly now?: () => number;
}

const defaults = Object.freeze({ maxCount: 100_000, windowMs: 600_000, now: () => performance.now() });

/** Remembers in this process, within limits: a duplicate that comes later, or after a restart, is handled again. */
export class MemoryStore implements DeduplicationStore {
  readonly #options: Required<MemoryStoreOptions>;
  /** In the order in which they were seen: a Map keeps that of insertion. */
  readonly #expiry = new Map<string, number>();

  /** @throws ConfigError INVALID_OPTION */
  constructor(options: MemoryStoreOptions = {}) {
    this.#options = resolveOptions("MemoryStore", options, defaults, {
      maxCount: anInteger(1),
      windowMs: milliseconds(1),
      now: aFunction,
    });
  }

  get count(): number {
    return this.#expiry.size;
  }

  has(key: string): boolean {
    const expiresAt = this.#expiry.get(key);
    if (expiresAt === undefined) return false;
    this.#expiry.delete(key);
    if (expiresAt <= this.#options.now()) return false;
    this.#expiry.set(key, expiresAt);
    return true;
  }

  add(key: string): void {
    this.#expiry.delete(key);
    this.#expiry.set(key, this.#options.now() + this.#options.windowMs);
    if (this.#expiry.size <= this.#options.maxCount) return;
    const [oldest] = this.#expiry.keys();
    if (oldest !== undefined) this.#expiry.delete(oldest);
  }
}
