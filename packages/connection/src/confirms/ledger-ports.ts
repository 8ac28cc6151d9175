import type { Confirmation } from "@warren/message";
import type { PublishFields } from "../channel/encode-publish.ts";
import type { WireProperties } from "../channel/wire-properties.ts";
import type { ExchangeCheck } from "./exchange-gate.ts";
import type { NackedRoute } from "./nack-watch.ts";
import type { Outgoing } from "./outgoing.ts";

/** A live channel, as far as publishing goes. */
export interface PublishWire {
  readonly open: boolean;
  /** So much is written and not sent that writing more is no use before it is {@link onceDrained}. */
  readonly congested: boolean;
  publish(fields: PublishFields, properties: WireProperties, body: Buffer): void;
  onceDrained(drained: () => void): void;
}

export interface KnownExchanges {
  /** Those that need no check. */
  readonly trusted: Iterable<string>;
  readonly check: ExchangeCheck;
}

export interface LedgerEvents {
  /** Something has to be looked at with `sweep` at that time. */
  due(atMs: number): void;
  written(outgoing: Outgoing): void;
  /** Just before the caller is told. */
  settled(outgoing: Outgoing, confirmation: Confirmation): void;
  /**
   * The channel should be given up for another: confirms are overdue and it has not answered anything for long, or it
   * counts as open and takes nothing.
   */
  silent(): void;
  /**
   * The channel should be given up for another, since the broker nacks all of this; nothing is in flight on it. Left out,
   * that never happens.
   */
  renew?(nacked: NackedRoute): void;
}
