import { diagnostics } from "@warren/message";
import type { Log } from "../log.ts";
import { formatDurationMs } from "../units/duration.ts";
import { sentenceOf } from "./tell-events.ts";

/** An attempt that takes longer is told, so that nobody wonders what the command does. */
const tellAfterMs = 1_000;

/** Where waiting does not help, as with a wrong password, the connection is given up within this time. */
const whetherHopelessMs = 50;

export interface StartOptions {
  /** Of the connection. */
  readonly name: string;
  readonly brokerCount: number;
  /** For how long all brokers are tried again; 0: each is tried once. */
  readonly waitMs: number;
  /** The limit of one attempt. */
  readonly connectTimeoutMs: number;
}

/**
 * Watches a connection that is made for the first time, and tells what is waited for. `failed` aborts, with the
 * reason, when each broker was tried in vain and none is to be tried again.
 */
export function watchStart(
  log: Pick<Log, "warn">,
  { name, brokerCount, waitMs, connectTimeoutMs }: StartOptions,
): Disposable & { readonly failed: AbortSignal } {
  const failed = new AbortController();
  let telling = setTimeout(() => {
    const limit = formatDurationMs(connectTimeoutMs);
    log.warn(`no answer from the broker yet; an attempt may take ${limit} (--connect-timeout)`);
  }, tellAfterMs);
  const onFailure = (event: unknown): void => {
    const { connection, attempt, error } = event as {
      readonly connection: string;
      readonly attempt: number;
      readonly error: unknown;
    };
    if (connection !== name) return;
    if (attempt > brokerCount) return;
    clearTimeout(telling);
    const sentence = sentenceOf(error);
    if (attempt < brokerCount) return log.warn(`${sentence} (trying the next broker)`);
    if (waitMs === 0) return failed.abort(error);
    telling = setTimeout(
      () => log.warn(`${sentence} (trying again for ${formatDurationMs(waitMs)}: --wait)`),
      whetherHopelessMs,
    );
  };
  diagnostics.connectFailed.subscribe(onFailure);
  return {
    failed: failed.signal,
    [Symbol.dispose]: () => {
      clearTimeout(telling);
      diagnostics.connectFailed.unsubscribe(onFailure);
    },
  };
}
