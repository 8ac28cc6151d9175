import { startRabbitMqContainer } from "./docker/rabbitmq-container.ts";
import { readEnvironment, type TestEnvironment } from "./environment.ts";
import { firstThatStarts } from "./first-that-starts.ts";
import { LaunchError } from "./launch-error.ts";
import { greet } from "./rabbitmq/broker-probe.ts";
import type { BrokerControl } from "./rabbitmq/broker-control.ts";
import type { NodeAccess } from "./rabbitmq/node-control.ts";
import { startRabbitMq } from "./rabbitmq/start-rabbitmq.ts";

/** A broker for a test run, wherever it came from. */
export interface ResolvedBroker extends AsyncDisposable {
  readonly source: "AMQP_URL" | "private node" | "container";
  readonly url: string;
  readonly version: string;
  /** Commands it from the outside; a broker given by URL has none. */
  readonly control?: BrokerControl;
  /** How another process can command it, if it is a private node. */
  readonly access?: NodeAccess;
  /** One line for the log of the run, without a password. */
  readonly description: string;
  /** Ends what was started for it. */
  close(): Promise<void>;
}

/**
 * The broker to test against: `AMQP_URL` if it is set, else a private node of the RabbitMQ that is installed here,
 * else a container.
 *
 * @throws LaunchError when there is none, saying what was tried and what to do.
 */
export async function resolveBroker(
  environment: TestEnvironment = readEnvironment(),
): Promise<ResolvedBroker> {
  if (environment.amqpUrl !== undefined) return brokerAt(environment.amqpUrl);
  return firstThatStarts("RabbitMQ", "AMQP_URL", [privateNode, container]);
}

async function brokerAt(url: string): Promise<ResolvedBroker> {
  const { protocol, hostname, port } = new URL(url);
  const secure = protocol === "amqps:";
  const at = `${hostname}:${port || (secure ? 5671 : 5672)}`;
  const greeting = secure ? { version: "" } : await greet(Number(port || 5672), hostname);
  if (greeting === undefined) throw new LaunchError(`AMQP_URL is set, but no broker answers at ${at}.`);
  return resolved("AMQP_URL", { url, version: greeting.version }, at, async () => undefined);
}

async function privateNode(): Promise<ResolvedBroker> {
  const node = await startRabbitMq();
  const { url, version, access } = node;
  return resolved("private node", { url, version, access, control: node }, `port ${node.port}`, () =>
    node.close(),
  );
}

async function container(): Promise<ResolvedBroker> {
  const broker = await startRabbitMqContainer();
  const { url, version } = broker;
  return resolved("container", { url, version, control: broker }, broker.image, () => broker.close());
}

function resolved(
  source: ResolvedBroker["source"],
  broker: Pick<ResolvedBroker, "url" | "version" | "control" | "access">,
  where: string,
  close: () => Promise<void>,
): ResolvedBroker {
  const description = `RabbitMQ ${broker.version || "of unknown version"} (${source}, ${where})`;
  return { ...broker, source, description, close, [Symbol.asyncDispose]: close };
}
