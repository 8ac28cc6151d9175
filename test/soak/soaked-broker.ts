import { setTimeout } from "node:timers/promises";
import { connect, type Connection, type Topology } from "@warren/connection";
import { createConsumer, onAny } from "@warren/consumer";
import { type RabbitMqNode, startRabbitMq, startRabbitMqCluster } from "@warren/testing";
import { type BrokerState, parseState } from "../faults/checkers/broker-state.ts";
import type { SoakBroker } from "./soak-options.ts";

interface Parts {
  readonly nodes: readonly RabbitMqNode[];
  readonly victim: (draw: number) => Promise<RabbitMqNode>;
  readonly whole: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const lookEveryMs = 250;
const drainTimeoutMs = 180_000;
/** A quorum queue tells its counts, and a connection its end, some seconds late. */
const countsTimeoutMs = 40_000;

export async function startSoakedBroker(kind: SoakBroker, queue: string): Promise<SoakedBroker> {
  const version = kind === "4" || kind === "cluster-4" ? "4" : "installed";
  if (!kind.startsWith("cluster")) {
    const node = await startRabbitMq({ version });
    return new SoakedBroker({
      nodes: [node],
      victim: () => Promise.resolve(node),
      whole: () => Promise.resolve(),
      close: () => node.close(),
    });
  }
  const cluster = await startRabbitMqCluster({ version });
  const { nodes } = cluster;
  return new SoakedBroker({
    nodes,
    victim: (draw) =>
      draw < 0.5
        ? cluster.leaderOf(queue)
        : Promise.resolve(nodes[Math.floor((draw - 0.5) * 2 * nodes.length)]!),
    whole: () => cluster.waitUntilWhole(),
    close: () => cluster.close(),
  });
}

/** The broker of a soak, one node or a cluster, and what it says about itself. */
export class SoakedBroker implements AsyncDisposable {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get nodes(): readonly RabbitMqNode[] {
    return this.#parts.nodes;
  }

  get version(): string {
    return this.nodes[0]!.version;
  }

  /** The node to be killed: the one there is, the leader of the queue, or any, by a number from 0 to 1. */
  victim(draw: number): Promise<RabbitMqNode> {
    return this.#parts.victim(draw);
  }

  /** Fulfilled once every node runs and sees the others. */
  whole(): Promise<void> {
    return this.#parts.whole();
  }

  async declare(topology: Topology): Promise<void> {
    await using _connection = await this.#connect(topology);
  }

  /** The state as wished for, or what it still is when the counts of queues have had the time to come. */
  async stateWith(wished: (state: BrokerState) => boolean): Promise<BrokerState> {
    const deadline = performance.now() + countsTimeoutMs;
    for (;;) {
      const late = performance.now() > deadline;
      // A connection that has just ended does not answer, and the whole question fails.
      const state = await this.#state().catch((error: unknown) => {
        if (late) throw error;
        return undefined;
      });
      if (state !== undefined && (late || wished(state))) return state;
      await setTimeout(lookEveryMs);
    }
  }

  /** Connections and channels of all nodes; of a queue the most that any node says, since only its leader knows. */
  async #state(): Promise<BrokerState> {
    const states = await Promise.all(this.nodes.map(localState));
    const sum = (of: (state: BrokerState) => number): number =>
      states.reduce((total, state) => total + of(state), 0);
    const most = (of: (state: BrokerState) => number): number => Math.max(...states.map(of));
    const ofQueue = (name: string): BrokerState["queues"][string] => ({
      ready: most(({ queues }) => queues[name]?.ready ?? 0),
      unacked: most(({ queues }) => queues[name]?.unacked ?? 0),
      consumers: most(({ queues }) => queues[name]?.consumers ?? 0),
    });
    return {
      connections: sum(({ connections }) => connections),
      channels: sum(({ channels }) => channels),
      queues: Object.fromEntries(Object.keys(states[0]!.queues).map((name) => [name, ofQueue(name)])),
    };
  }

  /** Waits until nothing but dead letters is left in the queues and nobody holds a delivery. */
  async drained(topology: Topology, atRest: () => Promise<boolean>): Promise<readonly string[]> {
    await this.whole();
    const deadline = performance.now() + drainTimeoutMs;
    await using connection = await this.#connect();
    for (;;) {
      const left = await readyCounts(connection, topology, (role) => role !== "dead");
      // In this order, and twice: a message on its way between two queues is in none of them.
      if (left.length === 0 && (await atRest())) {
        const again = await readyCounts(connection, topology, (role) => role !== "dead");
        if (again.length === 0) return [];
      }
      if (performance.now() > deadline)
        return [`not handled within ${drainTimeoutMs} ms: ${left.join(", ") || "what the consumers hold"}`];
      await setTimeout(lookEveryMs);
    }
  }

  /** Takes all dead letters, by message id. */
  async deadLetters(topology: Topology): Promise<readonly string[]> {
    await using connection = await this.#connect();
    const ids: string[] = [];
    const take = onAny(({ messageId }) => void ids.push(messageId ?? "no id"));
    const deadline = performance.now() + drainTimeoutMs;
    // Again where something is left: a node that has just come back hands over later than its queue's leader counts.
    do {
      for (const { name, role } of topology.declarations.queues) {
        if (role !== "dead") continue;
        await using consumer = createConsumer(connection, { queue: name, handlers: [take], prefetch: 500 });
        await consumer.start();
        await consumer.idle();
      }
    } while (
      (await readyCounts(connection, topology, (role) => role === "dead")).length > 0 &&
      performance.now() < deadline
    );
    return ids;
  }

  /** K8: what is still there once every client has gone. */
  async leftovers(topology: Topology): Promise<readonly string[]> {
    const state = await this.stateWith((each) => remains(each).length === 0);
    await using connection = await this.#connect();
    return [...remains(state), ...(await readyCounts(connection, topology, () => true))];
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#parts.close();
  }

  #connect(topology?: Topology): Promise<Connection> {
    const urls = this.nodes.map(({ url }) => url);
    return connect(urls, topology === undefined ? {} : { topology });
  }
}

/**
 * Connections and channels of this node alone: asked about a channel of another node, RabbitMQ compares a deadline with
 * that node's own clock, and says `timeout`.
 */
async function localState(node: RabbitMqNode): Promise<BrokerState> {
  const text = await node.evalErlang(`begin
    Connections = case erlang:function_exported(rabbit_networking, connections_local, 0) of
      true -> rabbit_networking:connections_local();
      false -> rabbit_networking:local_connections() end,
    Queues = [[element(4, Name) | Values] || [{name, Name} | Items] <-
      rabbit_amqqueue:info_all(<<"/">>, [name, messages_ready, messages_unacknowledged, consumers]),
      Values <- [[Value || {_, Value} <- Items]]],
    binary_to_list(iolist_to_binary([
      io_lib:format("~b ~b~n", [length(Connections), length(rabbit_channel:list_local())]),
      [io_lib:format("~p ~p ~p ~s~n", [R, U, C, N]) || [N, R, U, C] <- Queues]])) end`);
  return parseState(JSON.parse(text) as string);
}

function remains({ connections, channels, queues }: BrokerState): readonly string[] {
  return [
    ...(connections > 0 ? [`${connections} connections are left`] : []),
    ...(channels > 0 ? [`${channels} channels are left`] : []),
    ...Object.entries(queues).flatMap(([name, { unacked, consumers }]) =>
      unacked + consumers > 0 ? [`${name}: ${unacked} un-acked, ${consumers} consumers`] : [],
    ),
  ];
}

/** The queues that are not empty, as their leaders know it: the other nodes of a cluster do not. */
async function readyCounts(
  connection: Connection,
  topology: Topology,
  which: (role: string) => boolean,
): Promise<readonly string[]> {
  const names = topology.declarations.queues.filter(({ role }) => which(role)).map(({ name }) => name);
  return connection.channels.withChannel(async (channel) => {
    const counted: string[] = [];
    for (const name of names) {
      const { messageCount } = await channel.checkQueue(name);
      if (messageCount > 0) counted.push(`${name}: ${messageCount} ready`);
    }
    return counted;
  });
}
