import { constants } from "node:os";
import { aFunction, aListOf, oneOf, resolveOptions, type Rules } from "@warren/message/authoring";

/** What happens at a signal, in this order: `before`, `close()` of the connection, `after`, the end of the process. */
export interface CloseOnSignalsOptions {
  /**
   * The first of these begins it. Only those that end a Node process nobody listens in: SIGTERM, SIGINT, SIGHUP, SIGQUIT,
   * SIGABRT, SIGALRM, SIGUSR2, SIGXCPU, SIGPWR, SIGBREAK, as far as the platform has them.
   *
   * @default ["SIGTERM", "SIGINT"]
   */
  readonly signals?: readonly NodeJS.Signals[];
  /**
   * Ends what publishes on the connection: an HTTP server stops to accept. Without a limit of its own: only a second
   * signal cuts it short.
   */
  readonly before?: () => unknown;
  /**
   * Ends everything else, once the connection is closed: database, telemetry. When it is done the process ends, whoever
   * else listens to the signal. Without a limit of its own: only a second signal cuts it short.
   */
  readonly after?: () => unknown;
}

/** They end a process, unlike SIGWINCH or Node's SIGUSR1 and SIGPIPE, and can be listened to safely, unlike SIGSEGV. */
const endingSignals = [
  "SIGTERM",
  "SIGINT",
  "SIGHUP",
  "SIGQUIT",
  "SIGABRT",
  "SIGALRM",
  "SIGUSR2",
  "SIGXCPU",
  "SIGPWR",
  "SIGBREAK",
].filter((name) => name in constants.signals);

const rules: Rules<CloseOnSignalsOptions> = {
  signals: aListOf(oneOf(...endingSignals)),
  before: aFunction,
  after: aFunction,
};

/** Warren's own listeners in this process, one per connection; the last that is done decides about the process. */
const own = new Set<NodeJS.SignalsListener>();

/**
 * The signals that are being carried out, until the last connection is done, and whether the process ends then although
 * others listen, who may want to finish something first: one `after` is enough.
 */
const underWay = new Map<NodeJS.Signals, boolean>();

/**
 * Closes `target` on the first of these signals, then ends the process as the signal would have. At once when others are
 * being closed on one of them.
 *
 * @throws ConfigError INVALID_OPTION
 */
export function closeOnSignals(
  target: { close(): Promise<void> },
  options: CloseOnSignalsOptions,
): Disposable {
  const { signals, before, after } = resolveOptions(
    "closeOnSignals",
    options,
    { signals: ["SIGTERM", "SIGINT"] as const },
    rules,
  );
  let closing = false;
  const stop = (): void => {
    own.delete(received);
    for (const signal of signals) process.off(signal, received);
  };
  const received = (signal: NodeJS.Signals): void => {
    underWay.set(signal, closing || after !== undefined || underWay.get(signal) === true);
    if (closing) {
      stop();
      return endProcess(signal);
    }
    closing = true;
    void (async () => {
      await done("before", before);
      await target.close();
      await done("after", after);
      stop();
      endProcess(signal);
    })();
  };
  own.add(received);
  for (const signal of signals) process.on(signal, received);
  const begun = signals.find((signal) => underWay.has(signal));
  if (begun !== undefined) received(begun);
  return {
    // The connection takes its listeners away when it is closed; one that is at work is needed until the end.
    [Symbol.dispose]: () => {
      if (!closing) stop();
    },
  };
}

/** Whatever fails must not keep the process from its end. */
async function done(what: string, work: (() => unknown) | undefined): Promise<void> {
  try {
    await work?.();
  } catch (error) {
    warn(
      `"${what}" of connection.closeOnSignals has failed, the process ends all the same: ${String(error)}`,
    );
  }
}

function endProcess(signal: NodeJS.Signals): void {
  const listeners = process.listeners(signal);
  if (listeners.some((listener) => own.has(listener))) return;
  const exitCode = 128 + constants.signals[signal];
  // To the first process of a container a signal that nobody listens to does nothing.
  if (listeners.length === 0 && process.pid !== 1) process.kill(process.pid, signal);
  else if (listeners.length === 0 || underWay.get(signal) === true) process.exit(exitCode);
  else {
    underWay.delete(signal);
    warn(
      `the connection is closed, but others listen to ${signal}, too: the process goes on until they end it. To end it here, say what is left to do: connection.closeOnSignals({ after: () => telemetry.shutdown() })`,
    );
  }
}

function warn(text: string): void {
  process.emitWarning(text, { type: "WarrenWarning", code: "WARREN_SIGNAL" });
}
