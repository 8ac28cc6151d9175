import { channel, type Channel } from "node:diagnostics_channel";
import type { Acknowledgement } from "./acknowledgement.ts";
import type { Confirmation } from "./confirmation.ts";
import type { Delivery } from "./delivery.ts";

/** One socket of a connection changed its state. */
export interface ConnectionStateEvent {
  readonly connection: string;
  readonly socket: "publish" | "consume";
  readonly from: string;
  readonly to: string;
  readonly error?: unknown;
}

/** A socket is open: `host:port`, never the credentials. */
export interface ConnectEvent {
  readonly connection: string;
  readonly socket: "publish" | "consume";
  readonly address: string;
  /** 1 for the first connection of this socket, one more for each reconnect. */
  readonly epoch: number;
}

export interface ConnectFailedEvent {
  readonly connection: string;
  readonly socket: "publish" | "consume";
  readonly address: string;
  readonly attempt: number;
  readonly error: unknown;
}

export interface BlockedEvent {
  readonly connection: string;
  readonly socket: "publish" | "consume";
  /** The broker's reason while blocked; undefined when it is over. */
  readonly reason: string | undefined;
}

export interface ChannelClosedEvent {
  readonly connection: string;
  readonly channel: string;
  readonly error: unknown;
  /** Whether it will be opened again. */
  readonly rebuilding: boolean;
}

/** The broker had nothing but nacks for publishes to a route, and they go on over another channel. */
export interface ChannelRenewedEvent {
  readonly connection: string;
  readonly channel: string;
  readonly exchange: string;
  readonly routingKey: string;
  /** How many of them. */
  readonly nackedCount: number;
  /** From the first to the last of them. */
  readonly nackingMs: number;
}

/** What is published for: an application, asking or answering, or a consumer that retries or dead-letters (`move`). */
export type PublishPurpose = "publish" | "request" | "reply" | "move";

export interface PublishEvent {
  readonly connection: string;
  readonly exchange: string;
  readonly routingKey: string;
  readonly messageId: string;
  readonly bytes: number;
  readonly purpose: PublishPurpose;
  /** How often it has been written before: 0, more for a replay after a reconnect. */
  readonly replays: number;
}

export interface ConfirmEvent {
  readonly connection: string;
  readonly exchange: string;
  readonly routingKey: string;
  readonly purpose: PublishPurpose;
  readonly confirmation: Confirmation;
}

export interface DeliverEvent {
  readonly queue: string;
  readonly consumerTag: string;
  readonly delivery: Delivery;
}

export interface SettleEvent {
  readonly queue: string;
  readonly delivery: Delivery;
  readonly acknowledgement: Acknowledgement;
  /** From the arrival to the decision. */
  readonly durationMs: number;
}

/** A settle for a channel that is gone: dropped, since its tag could be another message's by now. */
export interface StaleSettleEvent {
  readonly queue: string;
  readonly deliveryTag: number;
}

export interface RetryEvent {
  readonly queue: string;
  readonly delivery: Delivery;
  readonly delayMs: number;
  readonly reason: string;
}

export interface DeadLetterEvent {
  readonly queue: string;
  readonly delivery: Delivery;
  readonly code: string;
  readonly reason: string;
}

export interface ConsumerStateEvent {
  readonly queue: string;
  readonly from: string;
  readonly to: string;
  readonly error?: unknown;
}

/** The event loop stood still for so long that heartbeats may have been missed. */
export interface StallEvent {
  readonly connection: string;
  readonly stalledMs: number;
}

/** A handler has been working for most of the broker's consumer timeout. */
export interface SlowHandlerEvent {
  readonly queue: string;
  readonly delivery: Delivery;
  readonly runningMs: number;
}

/** The event of each channel: `DiagnosticsEvents["confirm"]`. */
export interface DiagnosticsEvents {
  readonly connectionState: ConnectionStateEvent;
  readonly connect: ConnectEvent;
  readonly connectFailed: ConnectFailedEvent;
  readonly blocked: BlockedEvent;
  readonly channelClosed: ChannelClosedEvent;
  readonly channelRenewed: ChannelRenewedEvent;
  readonly stall: StallEvent;
  readonly publish: PublishEvent;
  readonly confirm: ConfirmEvent;
  readonly consumerState: ConsumerStateEvent;
  readonly deliver: DeliverEvent;
  readonly settle: SettleEvent;
  readonly staleSettle: StaleSettleEvent;
  readonly retry: RetryEvent;
  readonly deadLetter: DeadLetterEvent;
  readonly slowHandler: SlowHandlerEvent;
}

/** A channel of Node's own whose listeners know what they are told. */
export interface DiagnosticsChannel<Event> extends Channel<unknown, Event> {
  publish(event: Event): void;
  subscribe(listener: (event: Event, name: string | symbol) => void): void;
  unsubscribe(listener: (event: Event, name: string | symbol) => void): boolean;
}

function named<Event>(name: string): DiagnosticsChannel<Event> {
  return channel(name) as DiagnosticsChannel<Event>;
}

/**
 * Every `node:diagnostics_channel` that Warren writes to. Metrics, traces and logs read only these; nothing is
 * computed for a channel without subscribers. `docs/diagnostics.md` has the table with the payloads.
 */
export const diagnostics: {
  readonly [Name in keyof DiagnosticsEvents]: DiagnosticsChannel<DiagnosticsEvents[Name]>;
} = Object.freeze({
  connectionState: named<ConnectionStateEvent>("warren:connection:state"),
  connect: named<ConnectEvent>("warren:connection:connect"),
  connectFailed: named<ConnectFailedEvent>("warren:connection:connect-failed"),
  blocked: named<BlockedEvent>("warren:connection:blocked"),
  channelClosed: named<ChannelClosedEvent>("warren:channel:closed"),
  channelRenewed: named<ChannelRenewedEvent>("warren:channel:renewed"),
  stall: named<StallEvent>("warren:process:stall"),
  publish: named<PublishEvent>("warren:publisher:publish"),
  confirm: named<ConfirmEvent>("warren:publisher:confirm"),
  consumerState: named<ConsumerStateEvent>("warren:consumer:state"),
  deliver: named<DeliverEvent>("warren:consumer:deliver"),
  settle: named<SettleEvent>("warren:consumer:settle"),
  staleSettle: named<StaleSettleEvent>("warren:consumer:stale-settle"),
  retry: named<RetryEvent>("warren:consumer:retry"),
  deadLetter: named<DeadLetterEvent>("warren:consumer:dead-letter"),
  slowHandler: named<SlowHandlerEvent>("warren:consumer:slow-handler"),
});
