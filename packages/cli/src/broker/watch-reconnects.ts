import { ConnectionError, diagnostics, WarrenError } from "@warren/message";
import { formatDurationMs } from "../units/duration.ts";

/** Gives each socket of a connection `limitMs` to come back, or to come at all, after its first failure; 0 is for ever. */
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
    if (to !== "reconnecting" && to !== "connecting") {
      clearTimeout(timers.get(socket));
      timers.delete(socket);
    } else if (limitMs > 0 && !timers.has(socket)) {
      timers.set(
        socket,
        setTimeout(() => lost.abort(givenUp(to, limitMs, error)), limitMs),
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

function givenUp(state: "connecting" | "reconnecting", limitMs: number, cause: unknown): ConnectionError {
  const reason = cause instanceof WarrenError ? `: ${cause.sentence}` : "";
  const within = `within ${formatDurationMs(limitMs)}${reason}`;
  return state === "connecting"
    ? new ConnectionError("CONNECT_TIMEOUT", `a second connection could not be made ${within}`, { cause })
    : new ConnectionError("CONNECTION_LOST", `the connection was lost and did not come back ${within}`, {
        cause,
      });
}
