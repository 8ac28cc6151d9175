import { startEmbeddedBroker } from "./broker/start-embedded-broker.ts";
import { startRabbitMqContainer } from "./docker/rabbitmq-container.ts";
import { readEnvironment, type TestEnvironment } from "./environment.ts";
import { firstThatStarts } from "./first-that-starts.ts";
import type { BrokerVersion } from "./broker/version.ts";
import { LaunchError } from "./launch-error.ts";
import { greet } from "./rabbitmq/broker-probe.ts";
import type { BrokerControl } from "./rabbitmq/broker-control.ts";
import type { NodeAccess } from "./rabbitmq/node-control.ts";
import { startRabbitMq } from "./rabbitmq/start-rabbitmq.ts";

/** A broker for a test run, wherever it came from. */
export interface ResolvedBroker extends AsyncDisposable {
  readonly source: "AMQP_URL" | "private node" | "container" | "embedded";
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
 * The broker to test against: `AMQP_URL` if it is set, else a private node of the RabbitMQ that is installed here, else a
 * container, else the embedded broker, in this process. `WARREN_BROKER=embedded` takes the last at once, `WARREN_BROKER=real`
 * and `WARREN_REQUIRE_REAL=1` never.
 *
 * @throws LaunchError when there is none, saying what was tried and what to do.
 */
export async function resolveBroker(
  environment: TestEnvironment = readEnvironment(),
): Promise<ResolvedBroker> {
  const [first, ...others] = brokerSources(environment);
  if (others.length === 0) return launchers[first](environment);
  const all = [first, ...others].map((source) => () => launchers[source](environment));
  return firstThatStarts("RabbitMQ", "AMQP_URL", all);
}

type Source = ResolvedBroker["source"];

/** Where to look for a broker, in this order. */
export function brokerSources({
  broker,
  amqpUrl,
  requireReal,
}: TestEnvironment): readonly [Source, ...Source[]] {
  if (broker === "embedded") return ["embedded"];
  if (amqpUrl !== undefined) return ["AMQP_URL"];
  const isRealOnly = requireReal || broker === "real";
  return isRealOnly ? ["private node", "container"] : ["private node", "container", "embedded"];
}

/** The version that the embedded broker is like, where nobody says it. */
export function embeddedVersion({ rabbitMqVersion }: TestEnvironment): BrokerVersion {
  return rabbitMqVersion === "4" ? "4.0" : "3.10";
}

const launchers: Readonly<Record<Source, (environment: TestEnvironment) => Promise<ResolvedBroker>>> = {
  AMQP_URL: ({ amqpUrl }) => brokerAt(amqpUrl!),
  "private node": privateNode,
  container,
  embedded,
};

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

async function embedded(environment: TestEnvironment): Promise<ResolvedBroker> {
  const broker = await startEmbeddedBroker({ version: embeddedVersion(environment) });
  const { url, version, description } = broker;
  const close = (): Promise<void> => broker.close();
  return { source: "embedded", url, version, description, close, [Symbol.asyncDispose]: close };
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
