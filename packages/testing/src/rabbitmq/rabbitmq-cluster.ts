import { LaunchError } from "../launch-error.ts";
import { greet } from "./broker-probe.ts";
import { binary } from "./erlang.ts";
import type { RabbitMqNode } from "./rabbitmq-node.ts";

/** How long nodes may take to find each other again. */
const rejoinTimeoutMs = 60_000;

/**
 * RabbitMQ nodes of one's own that form a cluster. Kill, pause, stop and start each of `nodes` as one alone.
 *
 * The cluster pauses its minority (`cluster_partition_handling = pause_minority`): a node that sees less than half of
 * the others closes its connections and refuses new ones until it is back.
 */
export class RabbitMqCluster implements AsyncDisposable {
  readonly nodes: readonly RabbitMqNode[];
  readonly #cleanUp: () => Promise<void>;
  #cuts: (readonly [RabbitMqNode, RabbitMqNode])[] = [];

  constructor(nodes: readonly RabbitMqNode[], cleanUp: () => Promise<void>) {
    this.nodes = nodes;
    this.#cleanUp = cleanUp;
  }

  /** One URL a node, in the order of `nodes`. */
  get urls(): readonly string[] {
    return this.nodes.map((node) => node.url);
  }

  /**
   * Cuts these nodes off from all others (they still see each other), at once and in both directions. Clients reach
   * every node as before; a side without a majority has closed its listeners on return. It is done with Erlang cookies that no longer match, so nodes notice without a delay; for
   * a node that falls silent instead, `pause()` it.
   */
  async partition(...isolated: readonly RabbitMqNode[]): Promise<void> {
    const rest = this.nodes.filter((node) => !isolated.includes(node));
    const cuts = isolated.flatMap((one) => rest.map((other) => [one, other] as const));
    this.#cuts.push(...cuts);
    await Promise.all(cuts.flatMap(([one, other]) => [distrust(one, other), distrust(other, one)]));
    // All at once: a node that sees the isolated one gone while the next still sees it takes that for a partial
    // partition, and pauses until the whole cluster is back.
    const others = `[${rest.map(atom).join(", ")}]`;
    await Promise.all(
      isolated.map((one) => one.evalErlang(`lists:foreach(fun erlang:disconnect_node/1, ${others})`)),
    );
    const minority = [isolated, rest].filter((side) => side.length * 2 <= this.nodes.length).flat();
    await Promise.all(minority.map(untilPaused));
  }

  /** Ends all partitions; on return every node runs and sees all others. */
  async rejoin(): Promise<void> {
    const cuts = this.#cuts;
    this.#cuts = [];
    await Promise.all(cuts.flatMap(([one, other]) => [trust(one, other), trust(other, one)]));
    await Promise.all(cuts.map(([one, other]) => one.evalErlang(`net_kernel:connect_node(${atom(other)})`)));
    await this.waitUntilWhole();
  }

  /** Fulfilled once every node says that all of them run. */
  async waitUntilWhole(): Promise<void> {
    const deadline = performance.now() + rejoinTimeoutMs;
    for (const node of this.nodes) {
      while ((await runningNodes(node)) !== this.nodes.length) {
        if (performance.now() > deadline)
          throw new LaunchError(`${node.name} does not see the whole cluster`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      await node.waitUntilReady();
    }
  }

  /** The node on which a queue's leader is; for a classic queue, the node that has it. */
  async leaderOf(queue: string, vhost = "/"): Promise<RabbitMqNode> {
    const witness = this.nodes.find((node) => node.pid !== undefined);
    if (witness === undefined) throw new LaunchError("no node of the cluster runs");
    const name = await witness.evalErlang(`begin
      {ok, Queue} = rabbit_amqqueue:lookup(rabbit_misc:r(${binary(vhost)}, queue, ${binary(queue)})),
      amqqueue:qnode(Queue) end`);
    const leader = this.nodes.find((node) => atom(node) === name || node.name === name);
    if (leader === undefined)
      throw new LaunchError(`the leader of "${queue}" is on ${name}, not in this cluster`);
    return leader;
  }

  /** Ends all nodes and removes their data. */
  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.close()));
    await this.#cleanUp();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function atom(node: RabbitMqNode): string {
  return `'${node.name}'`;
}

/** Until `pause_minority` has closed the node's listeners. */
async function untilPaused(node: RabbitMqNode): Promise<void> {
  const deadline = performance.now() + rejoinTimeoutMs;
  while ((await greet(node.port)) !== undefined) {
    if (performance.now() > deadline) throw new LaunchError(`${node.name} did not notice the partition`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A cookie of its own for each side, or two nodes that distrust each other would agree on that. */
async function distrust(node: RabbitMqNode, other: RabbitMqNode): Promise<void> {
  await node.evalErlang(`erlang:set_cookie(${atom(other)}, 'cut-at-${node.name}')`);
}

async function trust(node: RabbitMqNode, other: RabbitMqNode): Promise<void> {
  await node.evalErlang(`erlang:set_cookie(${atom(other)}, erlang:get_cookie())`);
}

/** How many nodes run RabbitMQ in this node's eyes; none while it is paused or starting. */
async function runningNodes(node: RabbitMqNode): Promise<number> {
  const answer = await node.evalErlang("length(rabbit_nodes:all_running())").catch(() => "0");
  return Number(answer);
}
