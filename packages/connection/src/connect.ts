import { setTimeout as sleep } from "node:timers/promises";
import { ConnectionError } from "@warren/message";
import { withDeadline } from "./channel/deadline.ts";
import { type ConnectOptions, resolveConnectOptions } from "./connect-options.ts";
import { Connection } from "./connection.ts";
import { connectTimeout } from "./socket/when-open.ts";
import { warnAboutSlowStart } from "./startup-warning.ts";
import { declareTopology } from "./topology/declare-topology.ts";
import type { Topology } from "./topology/topology.ts";
import { describeAddress } from "./uri.ts";

/** How long a broker has to say goodbye to a start that has failed. */
const abandonedMs = 500;

/**
 * Connects to the first broker of the list that answers, declares the topology and resolves with the connection,
 * which from then on comes back by itself. Success does not promise that the socket for publishes can be opened: that
 * happens at the first publisher.
 *
 * When something has other settings on the broker (TOPOLOGY_DRIFT), the exchanges and queues that were missing and stand
 * before it in the topology have been created, and stay. {@link Connection.plan} looks first, at the price of several
 * refused declarations for each of them.
 *
 * @throws
 * At once where waiting does not help: ConfigError INVALID_URL, INVALID_OPTION, INSECURE_CONNECTION,
 * INSECURE_KEY_FILE; ConnectionError ACCESS_REFUSED, VHOST_NOT_FOUND, VHOST_ACCESS_REFUSED, MECHANISM_NOT_OFFERED,
 * FRAME_SIZE_REFUSED and TLS_…; BrokerError as {@link Connection.declare} or {@link Connection.check} has it.
 * Else ConnectionError CONNECT_TIMEOUT after `startupTimeoutMs`, with the last diagnosis as its cause.
 * @see https://www.rabbitmq.com/docs/connections
 */
export async function connect<const T extends Topology = Topology>(
  urls: string | readonly string[],
  options: ConnectOptions<T> = {},
): Promise<Connection<T>> {
  const connection = new Connection<T>(resolveConnectOptions(urls, options));
  try {
    await start(connection);
    return connection;
  } catch (error) {
    // Nothing is in flight that a broker which does not answer would have to be waited for.
    await connection.close({ timeoutMs: Math.min(connection.options.closeTimeoutMs, abandonedMs) });
    throw error;
  }
}

/** A connection that is lost while it declares was not made yet: all begins again, within the deadline. */
async function start(connection: Connection): Promise<void> {
  const { startupTimeoutMs, declare, signal, addresses, reconnect } = connection.options;
  const { topology } = connection;
  const deadline = performance.now() + startupTimeoutMs;
  using _warning = warnAboutSlowStart({
    where: addresses
      .map((address) => `${address.tls ? "amqps" : "amqp"}://${describeAddress(address)}`)
      .join(", "),
    startupTimeoutMs,
    socket: connection.channels.socket("consume"),
  });
  const leftMs = (): number => Math.max(1, Math.ceil(deadline - performance.now()));
  for (;;) {
    await connection.channels.opened("consume", leftMs());
    if (topology === undefined || declare === "none") return;
    try {
      const declared = declareTopology(connection.channels, topology, declare);
      await withDeadline(declared, leftMs(), "the declaration of the topology", signal);
      return connection.channels.keepTopology(topology);
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      if (performance.now() >= deadline) throw connectTimeout(startupTimeoutMs, error);
      // It may have failed at once, with the connection open. An abort is told by the wait that follows.
      await sleep(Math.min(reconnect.baseMs, leftMs()), undefined, { signal }).catch(() => undefined);
    }
  }
}
