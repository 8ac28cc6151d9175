import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, inject } from "vitest";
import type { BrokerControl } from "../rabbitmq/broker-control.ts";
import { NodeControl } from "../rabbitmq/node-control.ts";
import type { ProvidedBroker } from "./provided-broker.ts";

/** The broker of this vitest run, as one test file sees it. */
export interface TestBroker {
  /** With a virtual host of the test file's own, where the broker is a private node. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** For example 3.10.8; empty where the broker does not tell. */
  readonly version: string;
  /** The virtual host in `url`. */
  readonly vhost: string;
  /** A name that no other test uses: the given one and a random suffix. */
  name(base: string): string;
  /**
   * Commands the broker from the outside. All test files share it: use what touches your own virtual host only, and
   * `startRabbitMq()` for the rest.
   * @throws Error when the broker was given by `AMQP_URL`.
   */
  readonly control: BrokerControl;
}

/**
 * The broker that the global set-up has started, for the test file or `describe` block in which it is called. Its
 * virtual host is removed at the end with all that is in it.
 *
 * ```ts
 * const broker = useBroker();
 *
 * test("an order is stored", async () => {
 *   await using connection = await connect(broker.url);
 * });
 * ```
 */
export function useBroker(): TestBroker {
  const provided: ProvidedBroker | undefined = inject("warren:broker");
  if (provided === undefined) {
    throw new Error(
      'useBroker() needs globalSetup: ["@warren/testing/vitest/global-setup"] in the vitest configuration',
    );
  }
  if ("missing" in provided) {
    beforeEach((context) => context.skip(provided.missing));
    return noBroker;
  }
  const { access, version } = provided;
  const url = new URL(provided.url);
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
    url: url.href,
    host: url.hostname,
    port: Number(url.port || (url.protocol === "amqps:" ? 5671 : 5672)),
    version,
    vhost: decodeURIComponent(url.pathname.slice(1)) || "/",
    name: (base) => `${base}-${suffix()}`,
    get control(): BrokerControl {
      if (control === undefined)
        throw new Error("the broker at AMQP_URL cannot be commanded from the outside");
      return control;
    },
  };
}

const noBroker: TestBroker = {
  url: "amqp://no-broker.invalid",
  host: "no-broker.invalid",
  port: 5672,
  version: "",
  vhost: "/",
  name: (base) => base,
  get control(): BrokerControl {
    throw new Error("there is no broker");
  },
};

function suffix(): string {
  return randomBytes(4).toString("hex");
}
