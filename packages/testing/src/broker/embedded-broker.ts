import type { Faults } from "./faults/faults.ts";
import type { Management } from "./management/management.ts";
import type { UserAccount } from "./embedded-broker-options.ts";

/** A client that is connected, as it is at the moment. */
export interface ConnectedClient {
  /** `127.0.0.1:50312 -> 127.0.0.1:41873`, as RabbitMQ names connections. */
  readonly name: string;
  readonly user: string;
  readonly vhost: string;
  readonly channelCount: number;
  readonly consumerCount: number;
}

/** A running broker. Everything in it is lost with {@link close}, and with the process. */
export interface EmbeddedBroker extends AsyncDisposable {
  /** For a client on this machine, with the first user's name and password: `amqp://guest:guest@127.0.0.1:41873`. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** The RabbitMQ version that it behaves like and tells its clients, for example `3.10.8`. */
  readonly version: string;
  /** One line for whoever runs it: what it is, where it listens, and that it is not for production. */
  readonly description: string;
  /** Those that have opened a virtual host, in the order in which they came. */
  readonly connections: readonly ConnectedClient[];
  /** Where it was started with `management`. */
  readonly management: Management | undefined;
  /** Tells it to misbehave. */
  readonly faults: Faults;

  /** The same URL for another virtual host, which has to exist when a client connects. */
  urlOf(vhost: string): string;
  /** One that is there already stays as it is. Every user may use it. */
  addVhost(name: string): void;
  /** Closes its connections with 320 and drops its queues. One that is not there is no error. */
  deleteVhost(name: string): void;
  /** Or changes it: for connections from then on. @throws RangeError for an account that cannot be, with every problem */
  addUser(name: string, account: UserAccount): void;
  /**
   * Closes every connection with 320 CONNECTION_FORCED, as a RabbitMQ that is shut down does, and frees the port. A client
   * that does not answer within half a second is cut off.
   */
  close(): Promise<void>;
}
