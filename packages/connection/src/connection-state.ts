import type { SocketState } from "./socket/socket-state.ts";

/**
 * How a connection is: the worse of its two sockets. A second socket that is opened for the first time counts from
 * its first failed attempt on.
 *
 * | state        | what it means                                                                       |
 * | ------------ | ----------------------------------------------------------------------------------- |
 * | connecting   | no connection yet; `attempt` counts the failures, `error` is the last diagnosis      |
 * | open         | all is well                                                                          |
 * | blocked      | the broker takes no publishes (memory or disk alarm); consumers go on               |
 * | reconnecting | the connection was lost, `error` says why or why the last attempt failed             |
 * | closing      | `close()` was called                                                                 |
 * | closed       | nothing is left; it does not come back                                               |
 */
export type ConnectionState =
  | { readonly kind: "connecting"; readonly attempt: number; readonly error?: unknown }
  | { readonly kind: "open" }
  | { readonly kind: "blocked"; readonly reason: string }
  | { readonly kind: "reconnecting"; readonly attempt: number; readonly error?: unknown }
  | { readonly kind: "closing" }
  | { readonly kind: "closed" };

/** A change of a connection's state. */
export interface ConnectionStatus {
  readonly from: ConnectionState["kind"];
  readonly to: ConnectionState["kind"];
  readonly error?: unknown;
}

const start: SocketState = Object.freeze({ kind: "connecting", attempt: 0 });

const fromBestToWorst = ["open", "blocked", "reconnecting", "connecting", "closed", "closing"] as const;

/** The sockets' states as one, without what is the library's own in them. */
export function worstOf(states: readonly SocketState[]): ConnectionState {
  const counting = states.filter((state) => state.kind !== "connecting" || state.attempt > 0);
  const [worst = start] = (counting.length > 0 ? counting : states).toSorted(
    (one, other) => fromBestToWorst.indexOf(other.kind) - fromBestToWorst.indexOf(one.kind),
  );
  switch (worst.kind) {
    case "connecting":
    case "reconnecting":
      return worst;
    case "blocked":
      return { kind: "blocked", reason: worst.reason };
    default:
      return { kind: worst.kind };
  }
}
