/** Remembers which messages were handled. */
export interface DeduplicationStore {
  has(key: string): boolean | Promise<boolean>;
  /** Called after the handler has succeeded and before the message is acknowledged. */
  add(key: string): void | Promise<void>;
}
