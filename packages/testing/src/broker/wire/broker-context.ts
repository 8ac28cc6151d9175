import type { Clock } from "../clock.ts";
import type { FieldTable } from "../codec/field-table.ts";
import type { VersionRules } from "../version.ts";
import type { Accounts } from "./accounts.ts";
import type { Interference } from "./interference.ts";
import type { ReplyAddresses } from "./reply-addresses.ts";
import type { VirtualHost } from "../model/virtual-host.ts";

/** What all connections of a broker share. */
export interface BrokerContext {
  readonly rules: VersionRules;
  readonly clock: Clock;
  readonly vhosts: ReadonlyMap<string, VirtualHost>;
  readonly accounts: Accounts;
  readonly replyAddresses: ReplyAddresses;
  readonly interference: Interference;
  readonly serverProperties: FieldTable;
  readonly heartbeatSeconds: number;
  readonly frameMaxBytes: number;
  readonly channelMax: number;
}
