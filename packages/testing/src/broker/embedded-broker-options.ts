import type { Clock } from "./clock.ts";
import type { BrokerVersion } from "./version.ts";

/** Who may connect, and what for. Patterns are regular expressions as in `rabbitmqctl set_permissions`. */
export interface UserAccount {
  readonly password: string;
  /** @default { configure: ".*", write: ".*", read: ".*" } in every virtual host */
  readonly permissions?: {
    readonly configure: string;
    readonly write: string;
    readonly read: string;
  };
}

/** How to start an embedded broker. */
export interface EmbeddedBrokerOptions {
  /** Which RabbitMQ it behaves like. @default "3.10" */
  readonly version?: BrokerVersion;
  /** 0 for a free one. @default 0 */
  readonly port?: number;
  /** Any address off the loopback interface needs `users` without the well-known guest. @default "127.0.0.1" */
  readonly host?: string;
  /** By name. @default { guest: { password: "guest" } } */
  readonly users?: Readonly<Record<string, UserAccount>>;
  /** Virtual hosts besides "/". @default [] */
  readonly vhosts?: readonly string[];
  /** Drives message and queue expiry. @default systemClock */
  readonly clock?: Clock;
  /** What the broker proposes in `connection.tune`; 0 for none. @default 60 */
  readonly heartbeatSeconds?: number;
  /** @default 131072 */
  readonly frameMaxBytes?: number;
  /** @default 2047 */
  readonly channelMax?: number;
  /** TLS on the same port instead of plain TCP; a `ca` asks clients for a certificate and allows SASL EXTERNAL with its CN. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly ca?: string };
}
