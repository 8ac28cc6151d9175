import { diagnostics, type WarrenError } from "@warren/message";
import type { SocketState } from "./socket/socket-state.ts";

/** Most brokers that are about to start are there by then. */
const warnAfterMs = 2_000;

export interface StartupWarningOptions {
  /** Where it connects to, without credentials. */
  readonly where: string;
  readonly startupTimeoutMs: number;
  readonly socket: {
    readonly state: SocketState;
    onState(listener: (to: SocketState) => void): () => void;
  };
}

/**
 * One process warning when the start goes on for long: the attempts fail silently where nobody subscribes to
 * `warren:connection:connect-failed`. It stops when it is disposed of.
 */
export function warnAboutSlowStart({ where, startupTimeoutMs, socket }: StartupWarningOptions): Disposable {
  const startedAt = performance.now();
  let isDue = false;
  const look = (state: SocketState): void => {
    const error = "error" in state ? (state.error as WarrenError | undefined) : undefined;
    if (!isDue || error === undefined) return;
    stop();
    if (diagnostics.connectFailed.hasSubscribers) return;
    const leftSeconds = Math.ceil((startupTimeoutMs - (performance.now() - startedAt)) / 1_000);
    process.emitWarning(
      `cannot connect to ${where} yet, trying for ${leftSeconds} s more (startupTimeoutMs): ${error.sentence}`,
      { type: "WarrenWarning", code: "WARREN_CONNECT" },
    );
  };
  const unsubscribe = socket.onState(look);
  const timer = setTimeout(() => {
    isDue = true;
    look(socket.state);
  }, warnAfterMs);
  const stop = (): void => {
    clearTimeout(timer);
    unsubscribe();
  };
  return { [Symbol.dispose]: stop };
}
