import { diagnostics, type WarrenError } from "@warren/message";
import { backoffMs } from "@warren/message/authoring";
import { isFinal } from "../channel/final-refusal.ts";
import type { ResolvedConnectOptions } from "../connect-options.ts";
import type { SocketState } from "../socket/socket-state.ts";
import type { SocketUser, SupervisedSocket } from "../socket/supervised-socket.ts";
import { declareTopology } from "./declare-topology.ts";
import type { DeclaringPort } from "./declaring-channel.ts";
import type { Topology } from "./topology.ts";

/**
 * | state     | entered when                                                      | left when                        |
 * | --------- | ----------------------------------------------------------------- | -------------------------------- |
 * | away      | the socket is lost                                                | it is open again                 |
 * | asking    | it is open again, a pause is over, or somebody wants to be sure   | all is answered, or it is lost   |
 * | pausing   | the broker refuses what may mend, or does not answer              | the pause is over, or it is lost |
 * | declared  | all is answered                                                   | the socket is lost               |
 * | refused   | the broker refuses for good, see {@link isFinal}                  | the socket is lost               |
 * | closed    | the connection is closed                                          | never                            |
 */
type State =
  | { readonly kind: "away" | "asking" | "declared" | "refused" | "closed" }
  | { readonly kind: "pausing"; readonly timer: NodeJS.Timeout };

/** The part of a socket that this needs. */
type Sessions = Pick<SupervisedSocket, "state" | "onState" | "join" | "tokenHasEnded">;

/**
 * The topology of a connection, met again on each new session: the broker may be another one by then, or a blank one.
 * Declarations go over the socket for consumers, because an exclusive queue belongs to the socket that declares it;
 * what is published over the other one waits for {@link stands}.
 */
export class KeptTopology implements SocketUser {
  readonly #socket: Sessions;
  readonly #options: ResolvedConnectOptions;
  readonly #port: DeclaringPort;
  readonly #topology: Topology;
  readonly #waiting = new Set<() => void>();
  readonly #leave: () => void;
  #state: State = { kind: "away" };
  #epoch = 0;
  #failures = 0;
  #failure: WarrenError | undefined;

  /** The topology has just been declared, over `port` on `socket`. */
  constructor(socket: Sessions, options: ResolvedConnectOptions, port: DeclaringPort, topology: Topology) {
    this.#socket = socket;
    this.#options = options;
    this.#port = port;
    this.#topology = topology;
    const unsubscribe = socket.onState((to) => this.#socketChanged(to));
    const leave = socket.join(this);
    this.#leave = () => {
      unsubscribe();
      leave();
    };
    const { state } = socket;
    if ("epoch" in state) {
      this.#epoch = state.epoch;
      this.#set({ kind: "declared" });
    } else this.#socketChanged(state);
  }

  /** Why it is not on the broker as it should be. */
  get failure(): WarrenError | undefined {
    return this.#failure;
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }

  /**
   * Resolves when the broker has said, after this call, that the topology stands, or refuses it for good; without
   * either after `startupTimeoutMs`, or when the signal aborts. Never rejects.
   */
  stands(signal: AbortSignal): Promise<void> {
    if (this.#state.kind === "declared") void this.#ask(this.#epoch, () => this.#answered());
    if (this.#isDecided || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const go = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", go);
        this.#waiting.delete(go);
        resolve();
      };
      const timer = setTimeout(go, this.#options.startupTimeoutMs);
      signal.addEventListener("abort", go);
      this.#waiting.add(go);
    });
  }

  /** Somebody else has declared it: what was refused before is there. */
  mended(): void {
    if (this.#state.kind === "refused" || this.#state.kind === "pausing") this.#succeeded();
  }

  get #isDecided(): boolean {
    const { kind } = this.#state;
    return kind === "declared" || kind === "refused" || kind === "closed";
  }

  #set(state: State): void {
    if (this.#state.kind === "pausing") clearTimeout(this.#state.timer);
    this.#state = state;
    if (this.#isDecided) for (const go of this.#waiting) go();
  }

  #socketChanged(to: SocketState): void {
    switch (to.kind) {
      case "open":
      case "blocked":
        if (to.epoch === this.#epoch) return;
        this.#epoch = to.epoch;
        this.#failures = 0;
        void this.#ask(to.epoch, () => this.#declare());
        return;
      case "closing":
      case "closed":
        this.#leave();
        return this.#set({ kind: "closed" });
      default:
        this.#set({ kind: "away" });
    }
  }

  #declare(): Promise<void> {
    return declareTopology(this.#port, this.#topology, this.#options.declare);
  }

  /** A socket that answers is still the one on which all was declared. */
  #answered(): Promise<void> {
    return this.#port.withChannel(() => Promise.resolve());
  }

  async #ask(epoch: number, question: () => Promise<void>): Promise<void> {
    this.#set({ kind: "asking" });
    const error = await question().then(
      () => undefined,
      (thrown: unknown) => thrown as WarrenError,
    );
    if (this.#state.kind !== "asking" || epoch !== this.#epoch) return;
    if (error === undefined) this.#succeeded();
    else this.#failed(error);
  }

  #succeeded(): void {
    this.#failures = 0;
    this.#failure = undefined;
    this.#set({ kind: "declared" });
  }

  #failed(error: WarrenError): void {
    const final = isFinal(error, this.#socket.tokenHasEnded);
    this.#failure = error;
    diagnostics.channelClosed.publish({
      connection: this.#options.name,
      channel: "topology",
      error,
      rebuilding: !final,
    });
    if (final) return this.#set({ kind: "refused" });
    const pauseMs = backoffMs(++this.#failures, this.#options.reconnect, this.#options.random);
    const timer = setTimeout(() => void this.#ask(this.#epoch, () => this.#declare()), pauseMs);
    this.#set({ kind: "pausing", timer });
  }
}
