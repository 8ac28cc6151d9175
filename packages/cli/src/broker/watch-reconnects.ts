import { ConnectionError, diagnostics, WarrenError } from "@warren/message";
import { formatDurationMs } from "../units/duration.ts";

/** Gives a lost connection `limitMs` to come back, on each of its sockets; 0 is for ever. */
export function watchReconnects(name: string, limitMs: number): Disposable & { readonly lost: AbortSignal } {
  const lost = new AbortController();
  const timers = new Map<string, NodeJS.Timeout>();
  const onState = (event: unknown): void => {
    const { connection, socket, to, error } = event as {
      readonly connection: string;
      readonly socket: string;
      readonly to: string;
      readonly error?: unknown;
    };
    if (connection !== name) return;
    if (to !== "reconnecting") {
      clearTimeout(timers.get(socket));
      timers.delete(socket);
    } else if (limitMs > 0 && !timers.has(socket)) {
      timers.set(
        socket,
        setTimeout(() => lost.abort(givenUp(limitMs, error)), limitMs),
      );
    }
  };
  diagnostics.connectionState.subscribe(onState);
  return {
    lost: lost.signal,
    [Symbol.dispose]: () => {
      diagnostics.connectionState.unsubscribe(onState);
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}

function givenUp(limitMs: number, cause: unknown): ConnectionError {
  const reason = cause instanceof WarrenError ? `: ${cause.sentence}` : "";
  const sentence = `the connection was lost and did not come back within ${formatDurationMs(limitMs)}${reason}`;
  return new ConnectionError("CONNECTION_LOST", sentence, { cause });
}
