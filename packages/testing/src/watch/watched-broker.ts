import type { AnyMessage } from "@warren/message";
import type { FaultProxy } from "../proxy/fault-proxy.ts";
import type { MessagePattern, Spied, SpiedPayload } from "./spied-message.ts";

export interface SpyOptions<Payload> {
  /** Which of them: called with the payload as a handler gets it. */
  readonly where?: (payload: Payload) => boolean;
  /** Of deliveries: from which queue. @default any */
  readonly queue?: string;
  /** In milliseconds. @default that of the watch, 4,000 */
  readonly timeoutMs?: number;
}

/**
 * Resolves with the first such message since the watch began, or was told to `forget()`: at once if it has been seen already. With
 * `times`, with that many of them.
 *
 * @throws WatchError at the time limit, saying what was seen instead.
 * @throws ConfigError INVALID_OPTION for an option that there is not, or what names no message.
 */
export interface Spy<Kind extends keyof Spied> {
  <What extends AnyMessage | MessagePattern>(
    what: What,
    options: SpyOptions<SpiedPayload<What>> & { readonly times: number },
  ): Promise<readonly Spied<SpiedPayload<What>>[Kind][]>;
  <What extends AnyMessage | MessagePattern>(
    what: What,
    options?: SpyOptions<SpiedPayload<What>>,
  ): Promise<Spied<SpiedPayload<What>>[Kind]>;
}

export interface SettledOptions {
  /** In milliseconds. @default that of the watch, 4,000 */
  readonly timeoutMs?: number;
  /**
   * What else has to be done before all is quiet, where the wire cannot tell: an outbox that is being emptied, say. Called when
   * the wire is quiet; what it causes there is waited for in turn.
   */
  readonly also?: () => Promise<unknown>;
}

/** A broker whose traffic is read on its way: clients that connect to its `url` are seen, all others are not. */
export interface WatchedBroker extends AsyncDisposable {
  /** Connect to this, with all that is to be watched: it leads through a proxy. */
  readonly url: string;
  /** What stands between, to cut and to slow down: `broker.proxy.reset()`. */
  readonly proxy: FaultProxy;
  readonly published: Spy<"published">;
  readonly returned: Spy<"returned">;
  readonly delivered: Spy<"delivered">;
  readonly handled: Spy<"handled">;
  readonly retried: Spy<"retried">;
  readonly deadLettered: Spy<"deadLettered">;
  /**
   * Those that were seen until now, without waiting: after `settled()`, to show that something did not happen.
   *
   * ```ts
   * expect(await broker.seen("published", OrderCancelled)).toEqual([]);
   * ```
   */
  seen<Kind extends keyof Spied, What extends AnyMessage | MessagePattern>(
    kind: Kind,
    what: What,
    options?: Omit<SpyOptions<SpiedPayload<What>>, "timeoutMs">,
  ): Promise<readonly Spied<SpiedPayload<What>>[Kind][]>;
  /**
   * Waits until every message that was seen has come to its end: it was acked, dropped, returned or refused, or lies in a queue that
   * nobody consumes. Each copy counts, of each queue that an exchange led it to; so does a wait for the next attempt, and a queue
   * whose consumer broke off and is expected back. Nothing is asked of the broker: counts of queues miss what is between them.
   *
   * It knows what was said on the wire: await your publishes, and start your consumers, before you call it. It cannot know what a
   * program still has in mind ({@link SettledOptions.also}), what another client does past `url`, an expiry or an overflow in a
   * queue that leads nowhere, what a policy of the broker adds to a queue, whether an ack that was on its way as a connection broke
   * has arrived, nor where an exchange leads that was declared elsewhere, or is of a plugin's type: then one delivery is waited for.
   *
   * @throws WatchError at the time limit, saying which messages wait where.
   */
  settled(options?: SettledOptions): Promise<void>;
  /** Begins anew: what was seen until now is neither reported nor waited for. */
  forget(): void;
  /** Cuts the connections and ends the proxy. The broker itself goes on. */
  close(): Promise<void>;
}
