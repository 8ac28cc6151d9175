import type { EmbeddedBroker } from "../broker/embedded-broker.ts";
import type { BrokerControl } from "../rabbitmq/broker-control.ts";

/** The broker of a test file. Its members can be used in tests and hooks. */
export interface TestBroker {
  /** With a virtual host of the test file's own, where the broker is a private node. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** For example 3.10.8; empty where the broker does not tell. */
  readonly version: string;
  /** The virtual host in `url`. */
  readonly vhost: string;
  readonly kind: "embedded" | "real";
  /** A name that no other test uses: the given one and a random suffix. */
  name(base: string): string;
  /**
   * The embedded broker, to command it and to make it misbehave. The test file has it to itself.
   * @throws Error when the broker is a real one.
   */
  readonly embedded: EmbeddedBroker;
  /**
   * Commands a real broker from the outside. All test files share it: use what touches your own virtual host only, and
   * `startRabbitMq()` for the rest.
   * @throws Error when the broker was given by `AMQP_URL`, or is embedded.
   */
  readonly control: BrokerControl;
}
