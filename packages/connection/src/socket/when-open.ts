import { ConnectionError, type WarrenError } from "@warren/message";
import { isHopeless } from "./diagnosis.ts";
import type { SocketState } from "./socket-state.ts";
import type { SupervisedSocket } from "./supervised-socket.ts";

/**
 * Resolves when the socket is open for the first time.
 *
 * @throws what every broker of the list gave as a reason that waiting does not mend (login, vhost, TLS); else
 * ConnectionError CONNECT_TIMEOUT with the last diagnosis after `timeoutMs`, CONNECTION_CLOSED, or the signal's reason.
 */
export function whenOpen(
  socket: SupervisedSocket,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  return new Promise((resolve, reject) => {
    let last: WarrenError | undefined;
    let hopeless = 0;
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      unsubscribe();
      signal?.removeEventListener("abort", abort);
      settle();
    };
    const abort = (): void => finish(() => reject(signal?.reason as Error));
    const look = (state: SocketState): void => {
      if (state.kind === "open" || state.kind === "blocked") return finish(resolve);
      if (state.kind === "closing" || state.kind === "closed")
        return finish(() => reject(new ConnectionError("CONNECTION_CLOSED", "closed while connecting")));
      last = (state.error as WarrenError | undefined) ?? last;
      hopeless = isHopeless(state.error) ? hopeless + 1 : 0;
      if (hopeless >= socket.hostCount) finish(() => reject(last!));
    };
    const timer = setTimeout(() => finish(() => reject(connectTimeout(timeoutMs, last))), timeoutMs);
    const unsubscribe = socket.onState(look);
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted === true) abort();
    else look(socket.state);
  });
}

/** CONNECT_TIMEOUT with the last diagnosis. */
export function connectTimeout(timeoutMs: number, last: WarrenError | undefined): ConnectionError {
  const why = last?.sentence ?? "no attempt has ended yet";
  return new ConnectionError("CONNECT_TIMEOUT", `no connection within ${Math.round(timeoutMs)} ms: ${why}`, {
    cause: last,
    context: { lastCode: last?.code },
  });
}
