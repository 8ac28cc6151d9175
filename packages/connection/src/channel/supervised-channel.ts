import { BrokerError, ConnectionError, diagnostics, WarrenError } from "@warren/message";
import { backoffMs } from "@warren/message/authoring";
import type { ResolvedConnectOptions } from "../connect-options.ts";
import { modelOf, type SocketState } from "../socket/socket-state.ts";
import type { SocketUser, SupervisedSocket } from "../socket/supervised-socket.ts";
import { isFinal } from "./final-refusal.ts";
import { WireChannel } from "./wire-channel.ts";
import type { WireReturn } from "./wire-message.ts";

/** What one kind of channel does with its life. None of these may throw; `setup` and `closing` may reject. */
export interface ChannelUse {
  /** For diagnostics: "publish", "consume billing". */
  readonly name: string;
  readonly confirm: boolean;
  /** Runs on every new channel before it is used: prefetch, declarations, consume. */
  setup?(channel: WireChannel, generation: number): Promise<void>;
  /** The channel is ready. `generation` counts up; a delivery tag means something only within one. */
  up(channel: WireChannel, generation: number): void;
  /** The channel that was up is gone; another follows unless `failed` is called. */
  down(error: WarrenError): void;
  /** It will not come back: the broker refuses what `setup` asks, or the connection is closed. */
  failed(error: WarrenError): void;
  confirmed?(deliveryTag: number, multiple: boolean, positive: boolean): void;
  returned?(message: WireReturn): void;
  /** The channel was closed over what was done on it, so the next one need not be waited for longer each time. */
  isOwnFault?(error: WarrenError): boolean;
  /** The connection is about to be closed: what is in flight may be finished, and nothing new begun. */
  closing?(timeoutMs: number): Promise<void>;
}

/**
 * | state   | entered when                                      | left when                          |
 * | ------- | ------------------------------------------------- | ---------------------------------- |
 * | waiting | at first, when the socket is lost, during a pause | the socket is open, the pause over |
 * | opening | channel.open is written                           | setup is done, or it failed        |
 * | up      | setup is done                                     | the channel or its socket is gone  |
 * | failed  | setup is refused for good                         | `close()`                          |
 * | closed  | `close()`, or the connection is closed            | never                              |
 */
type State =
  | { readonly kind: "waiting"; readonly timer?: NodeJS.Timeout }
  | { readonly kind: "opening"; readonly givenUp?: WarrenError }
  | { readonly kind: "up"; readonly channel: WireChannel; readonly since: number }
  | { readonly kind: "failed"; readonly error: WarrenError }
  | { readonly kind: "closed" };

/** A channel that lasts less than this was not a success: the pause before the next one keeps growing. */
const stableAfterMs = 1_000;

/** A channel that comes back: after its socket, and alone after an error of its own, with growing pauses. */
export class SupervisedChannel implements SocketUser {
  readonly #socket: SupervisedSocket;
  readonly #options: ResolvedConnectOptions;
  readonly #use: ChannelUse;
  readonly #leave: () => void;
  #state: State = { kind: "waiting" };
  #generation = 0;
  #failures = 0;
  #wasUp = false;

  constructor(socket: SupervisedSocket, options: ResolvedConnectOptions, use: ChannelUse) {
    this.#socket = socket;
    this.#options = options;
    this.#use = use;
    const unsubscribe = socket.onState((to) => this.#socketChanged(to));
    const leave = socket.join(this);
    this.#leave = () => {
      unsubscribe();
      leave();
    };
    this.#socketChanged(socket.state);
  }

  /** The live channel, or nothing while there is none. */
  get channel(): WireChannel | undefined {
    return this.#state.kind === "up" ? this.#state.channel : undefined;
  }

  /** Why it will not come back, unless it was closed. */
  get failure(): WarrenError | undefined {
    return this.#state.kind === "failed" ? this.#state.error : undefined;
  }

  /** The connection is about to be closed. */
  async finish(timeoutMs: number): Promise<void> {
    if (this.#state.kind !== "closed") await this.#use.closing?.(timeoutMs);
  }

  async close(timeoutMs?: number): Promise<void> {
    const state = this.#state;
    if (state.kind === "closed") return;
    this.#set({ kind: "closed" });
    this.#leave();
    if (state.kind === "up") await state.channel.close(timeoutMs);
  }

  /** Gives up the live channel and opens another: for when its answers cannot be trusted any more. */
  async renew(error: WarrenError): Promise<void> {
    // The broker can cancel a consumer before its set-up is known to be done.
    if (this.#state.kind === "opening") this.#set({ kind: "opening", givenUp: error });
    if (this.#state.kind !== "up") return;
    const { channel } = this.#state;
    this.#dropped(error);
    await channel.close();
  }

  #set(state: State): void {
    if (this.#state.kind === "waiting") clearTimeout(this.#state.timer);
    this.#state = state;
  }

  #socketChanged(to: SocketState): void {
    if (to.kind === "open" && this.#state.kind === "waiting") void this.#open();
    if (to.kind === "closing" || to.kind === "closed") this.#end();
  }

  /** What is in flight is given up before the connection is told to close: nobody hears of it afterwards. */
  #end(): void {
    const { kind } = this.#state;
    if (kind === "closed") return;
    const error = new ConnectionError("CONNECTION_CLOSED", "the connection is closed");
    this.#set({ kind: "closed" });
    this.#leave();
    if (kind === "up") this.#use.down(error);
    if (kind !== "failed") this.#use.failed(error);
  }

  async #open(): Promise<void> {
    const model = modelOf(this.#socket.state);
    if (model === undefined) return;
    this.#set({ kind: "opening" });
    const generation = ++this.#generation;
    let channel: WireChannel | undefined;
    try {
      channel = await WireChannel.open(
        model,
        { confirm: this.#use.confirm, rpcTimeoutMs: this.#options.rpcTimeoutMs },
        {
          closed: (error) => {
            if (generation === this.#generation) this.#dropped(error);
          },
          confirmed: (tag, multiple, positive) => this.#use.confirmed?.(tag, multiple, positive),
          returned: (message) => this.#use.returned?.(message),
          unanswered: (answer) => this.#socket.channelUnanswered(answer),
        },
      );
      await this.#socket.ready;
      if (this.#state.kind === "opening") await this.#use.setup?.(channel, generation);
      if (this.#state.kind !== "opening" || generation !== this.#generation) {
        await channel.close();
        return;
      }
      if (this.#state.givenUp !== undefined) throw this.#state.givenUp;
      if (!channel.open) throw new ConnectionError("CHANNEL_LOST", "the channel closed while it was set up");
    } catch (thrown) {
      await channel?.close();
      if (generation === this.#generation) this.#openFailed(thrown as WarrenError);
      return;
    }
    this.#wasUp = true;
    this.#set({ kind: "up", channel, since: performance.now() });
    this.#use.up(channel, generation);
  }

  #openFailed(error: WarrenError): void {
    if (this.#state.kind !== "opening") return;
    if (!isFinal(error, this.#socket.tokenHasEnded) && (this.#wasUp || !isMissing(error))) {
      this.#report(error, true);
      this.#retryLater();
      return;
    }
    this.#report(error, false);
    this.#set({ kind: "failed", error });
    this.#use.failed(error);
  }

  #dropped(error: WarrenError): void {
    if (this.#state.kind !== "up") return;
    const wasStable = performance.now() - this.#state.since >= stableAfterMs;
    if (wasStable || this.#use.isOwnFault?.(error) === true) this.#failures = 0;
    this.#retryLater();
    this.#report(error, true);
    this.#use.down(error);
  }

  #report(error: WarrenError, rebuilding: boolean): void {
    diagnostics.channelClosed.publish({
      connection: this.#options.name,
      channel: this.#use.name,
      error,
      rebuilding,
    });
  }

  #retryLater(): void {
    this.#failures++;
    const pause = backoffMs(this.#failures, this.#options.reconnect, this.#options.random);
    const timer = setTimeout(() => {
      this.#set({ kind: "waiting" });
      this.#socketChanged(this.#socket.state);
    }, pause);
    this.#set({ kind: "waiting", timer });
  }
}

/** What is not there at the first set-up is a mistake; what was there before may come back. */
function isMissing(error: WarrenError): boolean {
  return error instanceof BrokerError && error.replyCode === 404;
}
