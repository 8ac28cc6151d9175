import type { StartedTestContainer } from "testcontainers";
import { LaunchError } from "../launch-error.ts";
import { BrokerControl } from "../rabbitmq/broker-control.ts";
import { printed, valueOf } from "../rabbitmq/erlang.ts";
import { loadTestcontainers } from "./load-testcontainers.ts";

export interface RabbitMqContainerOptions {
  /** @default "rabbitmq:4-management" */
  readonly image?: string;
  /** How long the start may take once the image is there, in milliseconds. @default 120_000 */
  readonly startTimeoutMs?: number;
}

/**
 * Starts RabbitMQ in a container, by way of the package `testcontainers`, which must be installed beside this one.
 *
 * @throws LaunchError when testcontainers is not installed, no container engine runs, or the broker does not start.
 */
export async function startRabbitMqContainer(
  options: RabbitMqContainerOptions = {},
): Promise<RabbitMqContainer> {
  const { image = "rabbitmq:4-management", startTimeoutMs = 120_000 } = options;
  const { GenericContainer, Wait } = await loadTestcontainers();
  try {
    const container = await new GenericContainer(image)
      .withExposedPorts(5672, 15672)
      .withWaitStrategy(Wait.forLogMessage(/completed with \d+ plugins|Server startup complete/i))
      .withStartupTimeout(startTimeoutMs)
      .start();
    const broker = new RabbitMqContainer(image, container);
    await broker.readVersion();
    return broker;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LaunchError(`RabbitMQ cannot be started in a container (${image}): ${why}`, { cause });
  }
}

/** A RabbitMQ in a container; see {@link startRabbitMqContainer}. */
export class RabbitMqContainer extends BrokerControl implements AsyncDisposable {
  readonly image: string;
  readonly url: string;
  readonly managementUrl: string;
  readonly #container: StartedTestContainer;
  #version = "";

  constructor(image: string, container: StartedTestContainer) {
    super();
    const host = container.getHost();
    this.image = image;
    this.url = `amqp://guest:guest@${host}:${container.getMappedPort(5672)}`;
    this.managementUrl = `http://guest:guest@${host}:${container.getMappedPort(15672)}`;
    this.#container = container;
  }

  get version(): string {
    return this.#version;
  }

  /** @internal */
  async readVersion(): Promise<void> {
    this.#version = (await this.ctl("version")).trim();
  }

  override async ctl(...args: readonly string[]): Promise<string> {
    const { stdout, stderr, exitCode } = await this.#container.exec(["rabbitmqctl", "--quiet", ...args]);
    if (exitCode !== 0) throw new LaunchError(`rabbitmqctl failed: ${(stderr || stdout).trim()}`);
    return stdout;
  }

  override async evalErlang(expression: string): Promise<string> {
    return valueOf(expression, await this.ctl("eval", printed(expression)));
  }

  /** Ends the container and removes it. */
  async close(): Promise<void> {
    await this.#container.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
