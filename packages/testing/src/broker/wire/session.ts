import type { Owner } from "../model/queue/queue.ts";
import type { VirtualHost } from "../model/virtual-host.ts";
import type { UserPermissions } from "../model/permissions.ts";
import type { BrokerContext } from "./broker-context.ts";
import type { ConnectionControl } from "./interference.ts";
import type { SocketWriter } from "./socket-writer.ts";

/** An open connection, as its channels see it. */
export interface Session {
  readonly broker: BrokerContext;
  readonly control: ConnectionControl;
  readonly owner: Owner;
  readonly user: string;
  readonly vhost: VirtualHost;
  readonly permissions: UserPermissions;
  /** What the client says it understands, for example `consumer_cancel_notify`. */
  readonly clientCapabilities: ReadonlySet<string>;
  /** 0 for no limit. */
  readonly frameMaxBytes: number;
  readonly writer: SocketWriter;
  closeChannel(channel: number, replyCode: number, replyText: string): void;
  /** Comes with every publish: one that is blocked stops reading here. */
  published(): void;
}
