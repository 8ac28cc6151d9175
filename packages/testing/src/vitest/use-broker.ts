import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, inject } from "vitest";
import type { EmbeddedBroker } from "../broker/embedded-broker.ts";
import type { EmbeddedBrokerOptions } from "../broker/embedded-broker-options.ts";
import { startEmbeddedBroker } from "../broker/start-embedded-broker.ts";
import type { BrokerControl } from "../rabbitmq/broker-control.ts";
import { type NodeAccess, NodeControl } from "../rabbitmq/node-control.ts";
import { readEnvironment } from "../environment.ts";
import { chooseBroker } from "./choose-broker.ts";
import type { TestBroker } from "./test-broker.ts";

export interface UseBrokerOptions {
  /**
   * Tests that need one kind say so: `embedded` starts one whatever the run has, `real` skips them where there is only the embedded
   * one. @default whatever the run has, see `WARREN_BROKER`
   */
  readonly broker?: "embedded" | "real";
  /** How an embedded one is started. @default like the RabbitMQ that `WARREN_RABBITMQ` says, else 3.10 */
  readonly embedded?: EmbeddedBrokerOptions;
}

/**
 * The broker for the test file or `describe` block in which it is called: on a real one a virtual host that is removed at the end
 * with all that is in it, or an embedded broker of its own. Which of them is decided for the whole run by the global set-up
 * (`WARREN_BROKER=embedded`, `WARREN_BROKER=real`, `AMQP_URL`); without a global set-up it is an embedded one.
 *
 * ```ts
 * const broker = useBroker();
 *
 * test("an order is stored", async () => {
 *   await using connection = await connect(broker.url);
 * });
 * ```
 */
export function useBroker(options: UseBrokerOptions = {}): TestBroker {
  const chosen = chooseBroker(options.broker, inject("warren:broker"), readEnvironment());
  if ("missing" in chosen) {
    beforeEach((context) => context.skip(chosen.missing));
    return noBroker;
  }
  if ("embedded" in chosen) return useEmbedded({ version: chosen.embedded, ...options.embedded });
  return useReal(new URL(chosen.url), chosen.version, chosen.access);
}

function useReal(url: URL, version: string, access: NodeAccess | undefined): TestBroker {
  let control: BrokerControl | undefined;
  if (access !== undefined) {
    const vhost = `test-${suffix()}`;
    url.pathname = `/${vhost}`;
    beforeAll(async () => {
      control = await NodeControl.attach(access);
      await control.addVhost(vhost);
    });
    afterAll(async () => {
      await control?.deleteVhost(vhost);
    });
  }
  return {
    kind: "real",
    url: url.href,
    host: url.hostname,
    port: Number(url.port || (url.protocol === "amqps:" ? 5671 : 5672)),
    version,
    vhost: decodeURIComponent(url.pathname.slice(1)) || "/",
    name: withSuffix,
    get embedded(): EmbeddedBroker {
      throw new Error("the broker is a real one, which does nothing wrong when it is told to");
    },
    get control(): BrokerControl {
      if (control === undefined)
        throw new Error("the broker at AMQP_URL cannot be commanded from the outside");
      return control;
    },
  };
}

function useEmbedded(options: EmbeddedBrokerOptions): TestBroker {
  let broker: EmbeddedBroker | undefined;
  beforeAll(async () => {
    broker = await startEmbeddedBroker(options);
  });
  afterAll(async () => {
    await broker?.close();
  });
  const started = (): EmbeddedBroker => {
    if (broker === undefined) throw new Error("The embedded broker runs in tests and hooks only.");
    return broker;
  };
  return {
    kind: "embedded",
    vhost: "/",
    name: withSuffix,
    get url(): string {
      return started().url;
    },
    get host(): string {
      return started().host;
    },
    get port(): number {
      return started().port;
    },
    get version(): string {
      return started().version;
    },
    get embedded(): EmbeddedBroker {
      return started();
    },
    get control(): BrokerControl {
      throw new Error("the broker is the embedded one, which rabbitmqctl does not know");
    },
  };
}

const noBroker: TestBroker = {
  kind: "real",
  url: "amqp://no-broker.invalid",
  host: "no-broker.invalid",
  port: 5672,
  version: "",
  vhost: "/",
  name: (base) => base,
  get embedded(): EmbeddedBroker {
    throw new Error("there is no broker");
  },
  get control(): BrokerControl {
    throw new Error("there is no broker");
  },
};

function withSuffix(base: string): string {
  return `${base}-${suffix()}`;
}

function suffix(): string {
  return randomBytes(4).toString("hex");
}
