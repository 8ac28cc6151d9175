/** What was waited for did not happen in time. The message says what happened instead. */
export class WatchError extends Error {
  override readonly name = "WatchError";
}
