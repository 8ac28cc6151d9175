import { afterAll, beforeAll, beforeEach } from "vitest";
import { ManualClock } from "../broker/manual-clock.ts";
import { watchBroker } from "../watch/watch-broker.ts";
import type { WatchOptions } from "../watch/watch-options.ts";
import type { Spy, WatchedBroker } from "../watch/watched-broker.ts";
import type { TestBroker } from "./test-broker.ts";
import { useBroker, type UseBrokerOptions } from "./use-broker.ts";

export interface UseWatchedBrokerOptions extends UseBrokerOptions, Omit<WatchOptions, "clock"> {
  /**
   * An embedded broker's clock stands still, and who awaits a spy or `settled()` moves it on when all that is under way waits for
   * it: retries in an hour take no time. A real broker takes the time it takes. Not together with `embedded.clock`, which is for
   * tests that move the time themselves. @default false
   */
  readonly skipWaits?: boolean;
}

/** A broker whose traffic is read on its way. Its `url`, `host` and `port` lead through the proxy that reads it. */
export type WatchedTestBroker = TestBroker & Omit<WatchedBroker, "close" | typeof Symbol.asyncDispose>;

/**
 * As `useBroker()`, with spies on what passes and `settled()`; see `watchBroker`. Each test begins anew: what was seen in the one
 * before is forgotten, so that tests of a file must not run concurrently.
 *
 * ```ts
 * const broker = useWatchedBroker();
 *
 * test("an order is charged", async () => {
 *   await using connection = await connect(broker.url, { topology });
 *   // …
 *   await broker.handled(OrderPlaced);
 *   await broker.settled();
 * });
 * ```
 *
 * @throws RangeError for `skipWaits` together with a clock in `embedded`
 */
export function useWatchedBroker(options: UseWatchedBrokerOptions = {}): WatchedTestBroker {
  const { skipWaits = false, broker: kind, embedded, ...watch } = options;
  if (skipWaits && embedded?.clock !== undefined)
    throw new RangeError(
      "useWatchedBroker: skipWaits moves a clock of its own and would replace embedded.clock. Leave skipWaits out and " +
        "advance yours, or leave the clock out",
    );
  const clock = skipWaits ? new ManualClock() : undefined;
  const broker = useBroker({
    ...(kind === undefined ? {} : { broker: kind }),
    embedded: { ...embedded, ...(clock === undefined ? {} : { clock }) },
  });
  let watched: WatchedBroker | undefined;
  beforeAll(async () => {
    watched = await watchBroker(
      broker,
      clock === undefined || broker.kind === "real" ? watch : { ...watch, clock },
    );
  });
  beforeEach(() => watched?.forget());
  afterAll(async () => {
    await watched?.close();
  });
  const started = (): WatchedBroker => {
    if (watched === undefined) throw new Error("The watched broker runs in tests and hooks only.");
    return watched;
  };
  const spies = {
    published: ((...call) => started().published(...call)) as Spy<"published">,
    returned: ((...call) => started().returned(...call)) as Spy<"returned">,
    delivered: ((...call) => started().delivered(...call)) as Spy<"delivered">,
    handled: ((...call) => started().handled(...call)) as Spy<"handled">,
    retried: ((...call) => started().retried(...call)) as Spy<"retried">,
    deadLettered: ((...call) => started().deadLettered(...call)) as Spy<"deadLettered">,
    seen: ((...call) => started().seen(...call)) as WatchedBroker["seen"],
  };
  return {
    ...spies,
    settled: (how) => started().settled(how),
    forget: () => started().forget(),
    kind: broker.kind,
    vhost: broker.vhost,
    name: (base) => broker.name(base),
    get url() {
      return started().url;
    },
    get host() {
      return started().proxy.host;
    },
    get port() {
      return started().proxy.port;
    },
    get proxy() {
      return started().proxy;
    },
    get version() {
      return broker.version;
    },
    get embedded() {
      return broker.embedded;
    },
    get control() {
      return broker.control;
    },
  };
}
