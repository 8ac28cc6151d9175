import { setImmediate as nextTurn } from "node:timers/promises";
import type { AnyMessage } from "@warren/message";
import type { VersionRules } from "../broker/version.ts";
import { LaunchError } from "../launch-error.ts";
import { type FaultProxy, startFaultProxy } from "../proxy/fault-proxy.ts";
import type { SeenFrame } from "../proxy/frame-tap.ts";
import type { ProxiedConnection } from "../proxy/proxied-connection.ts";
import { checkSeenCall, checkSettledCall, checkSpyCall } from "./check-call.ts";
import { History } from "./history.ts";
import { Ledger } from "./ledger.ts";
import { type ShownSighting, shownIfWanted, type Wanted } from "./message-filter.ts";
import type { MessagePattern, Spied } from "./spied-message.ts";
import { unsettledOf, type Unsettled } from "./unsettled.ts";
import { notSeen, notSettled, WatchError } from "./watch-error.ts";
import { type ResolvedWatchOptions, resolveWatchOptions, type WatchOptions } from "./watch-options.ts";
import { WatchedConnection } from "./watched-connection.ts";
import type { SettledOptions, Spy, WatchedBroker } from "./watched-broker.ts";

const readingPauseMs = 5;

/**
 * Puts a proxy before a broker, embedded or real, and reads what passes: to await what happens to messages, and that all of them
 * have come to their end. Connect to the `url` that it returns. It works with any AMQP client.
 *
 * ```ts
 * await using server = await startEmbeddedBroker();
 * await using broker = await watchBroker(server);
 * await using connection = await connect(broker.url, { topology });
 *
 * const { payload } = await broker.handled(OrderPlaced, { where: ({ id }) => id === "o-1" });
 * await broker.settled();
 * ```
 *
 * @throws ConfigError INVALID_OPTION
 * @throws LaunchError for an `amqps` URL, since TLS hides what is to be read.
 */
export async function watchBroker(
  target: { readonly url: string },
  options: WatchOptions = {},
): Promise<WatchedBroker> {
  const resolved = resolveWatchOptions(options);
  const { protocol, hostname, port } = new URL(target.url);
  if (protocol !== "amqp:")
    throw new LaunchError(
      `watchBroker reads what passes, which TLS hides: it needs an amqp:// URL, not ${protocol}//`,
    );
  const proxy = await startFaultProxy({ target: { host: hostname, port: Number(port || 5672) } });
  return new BrokerWatch(proxy, target.url, resolved);
}

class BrokerWatch implements WatchedBroker {
  readonly url: string;
  readonly proxy: FaultProxy;
  readonly published: Spy<"published"> = this.#spy("published");
  readonly returned: Spy<"returned"> = this.#spy("returned");
  readonly delivered: Spy<"delivered"> = this.#spy("delivered");
  readonly handled: Spy<"handled"> = this.#spy("handled");
  readonly retried: Spy<"retried"> = this.#spy("retried");
  readonly deadLettered: Spy<"deadLettered"> = this.#spy("deadLettered");
  readonly #options: ResolvedWatchOptions;
  readonly #history = new History();
  readonly #ledgers = new Map<string, Ledger>();
  readonly #connections = new Map<ProxiedConnection, WatchedConnection>();

  constructor(proxy: FaultProxy, url: string, options: ResolvedWatchOptions) {
    this.proxy = proxy;
    this.url = proxy.url(url);
    this.#options = options;
    proxy.frames((frame) => this.#see(frame));
  }

  async seen(
    kind: keyof Spied,
    what: AnyMessage | MessagePattern,
    options?: Omit<Wanted, "what">,
  ): Promise<never> {
    checkSeenCall(what, options);
    const shown: ShownSighting[] = [];
    for (const sighting of this.#history.sightings.filter((each) => each.kind === kind)) {
      const one = await shownIfWanted(sighting, { what, ...options }, this.#options.codecs);
      if (one !== undefined) shown.push(one);
    }
    return shown as never;
  }

  async settled(options?: SettledOptions): Promise<void> {
    checkSettledCall(options);
    const { timeoutMs = this.#options.timeoutMs, also } = options ?? {};
    const deadline = AbortSignal.timeout(timeoutMs);
    for (;;) {
      // Frames of one turn belong together: an ack, and what is published beside it.
      await nextTurn();
      const unsettled = this.#unsettled();
      if (
        unsettled.length === 0 &&
        (also === undefined || (await this.#isQuietAfter(also, deadline, timeoutMs)))
      )
        return;
      if (deadline.aborted) throw notSettled(timeoutMs, unsettled);
      if (unsettled.length === 0) continue;
      await this.#progress(deadline);
    }
  }

  forget(): void {
    this.#history.forget();
    for (const ledger of this.#ledgers.values()) ledger.forget();
  }

  async close(): Promise<void> {
    await this.proxy.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #spy<Kind extends keyof Spied>(kind: Kind): Spy<Kind> {
    const spy = async (
      what: AnyMessage | MessagePattern,
      options: Omit<Wanted, "what"> & { times?: number; timeoutMs?: number } = {},
    ): Promise<unknown> => {
      checkSpyCall(kind, what, options);
      const { times, timeoutMs, ...wanted } = options;
      const found = await this.#await(kind, { what, ...wanted }, times ?? 1, timeoutMs);
      return times === undefined ? found[0] : found;
    };
    return spy as Spy<Kind>;
  }

  async #await(
    kind: keyof Spied,
    wanted: Wanted,
    times: number,
    timeoutMs: number = this.#options.timeoutMs,
  ): Promise<readonly ShownSighting[]> {
    const deadline = AbortSignal.timeout(timeoutMs);
    let { sightings } = this.#history;
    let found: ShownSighting[] = [];
    for (let next = 0; ;) {
      for (; next < sightings.length; next++) {
        const sighting = sightings[next]!;
        const shown =
          sighting.kind === kind ? await shownIfWanted(sighting, wanted, this.#options.codecs) : undefined;
        if (shown !== undefined && found.push(shown) === times) return found;
      }
      if (deadline.aborted)
        throw await notSeen(
          { kind, wanted, times, foundCount: found.length, timeoutMs },
          sightings,
          this.#options.codecs,
        );
      if (next === sightings.length) await this.#progress(deadline);
      if (sightings === this.#history.sightings) continue;
      ({ sightings } = this.#history);
      found = [];
      next = 0;
    }
  }

  #see(frame: SeenFrame): void {
    this.#connection(frame.connection).see(frame, frame.direction);
    this.#history.changed();
  }

  #connection(proxied: ProxiedConnection): WatchedConnection {
    let connection = this.#connections.get(proxied);
    if (connection === undefined) {
      connection = new WatchedConnection((vhost, rules) => this.#ledger(vhost, rules));
      this.#connections.set(proxied, connection);
      void this.#endOf(proxied, connection);
    }
    return connection;
  }

  async #endOf(proxied: ProxiedConnection, connection: WatchedConnection): Promise<void> {
    await proxied.closed;
    connection.end("broken");
    this.#connections.delete(proxied);
    this.#history.changed();
  }

  #ledger(vhost: string, rules: VersionRules): Ledger {
    let ledger = this.#ledgers.get(vhost);
    if (ledger === undefined) {
      ledger = new Ledger(rules, (sighting) => this.#history.add(sighting));
      this.#ledgers.set(vhost, ledger);
    }
    return ledger;
  }

  #unsettled(): readonly Unsettled[] {
    return [...this.#ledgers.values()].flatMap(unsettledOf);
  }

  async #isQuietAfter(
    also: () => Promise<unknown>,
    deadline: AbortSignal,
    timeoutMs: number,
  ): Promise<boolean> {
    const before = this.#history.sightings.length;
    const ended = also().then(() => true);
    if (!(await Promise.race([ended, aborted(deadline)])))
      throw new WatchError(
        `After ${timeoutMs} ms the wire is quiet, but what settled() was given besides has not ended`,
      );
    await nextTurn();
    return this.#history.sightings.length === before && this.#unsettled().length === 0;
  }

  /** Until something happens. Where all that is left waits for its time, and there is a clock to move, that is now. */
  async #progress(deadline: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    if (clock === undefined || this.#nextExpiryMs() === undefined) return this.#history.change(deadline);
    // The broker may not have read yet what was seen on its way there: it is given a moment, and asked again if need be.
    await this.#history.change(AbortSignal.timeout(readingPauseMs));
    const expiryMs = this.#nextExpiryMs();
    if (expiryMs !== undefined) clock.advance(expiryMs + 1);
  }

  /** Of the messages under way the shortest wait; undefined where one of them waits for something else, or none is. */
  #nextExpiryMs(): number | undefined {
    const waits = this.#unsettled().map(({ expiresInMs }) => expiresInMs ?? NaN);
    const shortest = Math.min(...waits);
    return Number.isFinite(shortest) ? shortest : undefined;
  }
}

function aborted(signal: AbortSignal): Promise<false> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(false);
    else signal.addEventListener("abort", () => resolve(false), { once: true });
  });
}
