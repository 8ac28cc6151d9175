import type { SoakBroker } from "./soak-options.ts";

/** What a client process is told on its command line, as JSON. */
export interface ClientOrders {
  readonly name: string;
  /** The broker's nodes, each through a proxy of this process's own. */
  readonly urls: readonly string[];
  readonly broker: SoakBroker;
  readonly ledger: string;
}

/** It publishes the numbers `first`, `first + step`, … below `messages`. */
export interface PublishingOrders extends ClientOrders {
  readonly first: number;
  readonly step: number;
  readonly messages: number;
  /** Message N is not published before `epochMs + N / perMs`. */
  readonly epochMs: number;
  readonly perMs: number;
}

export interface ConsumingOrders extends ClientOrders {
  readonly ackEarly: boolean;
}

/** What it tells now and then. */
export interface ClientReport {
  /** Publishes or effects of this life of the process. */
  readonly count: number;
  /** Highest number published so far; all that there are once `idle`. */
  readonly reached: number;
  /** Nothing to do is left. */
  readonly idle: boolean;
  readonly rssBytes: number;
  readonly heapBytes: number;
  /** What `process.getActiveResourcesInfo()` names, counted. */
  readonly handles: Readonly<Record<string, number>>;
  /** The clients are closed; what is left now is a leak. */
  readonly closed: boolean;
}

/** What a running client process hears: no message number above this one yet, or that it is over. */
export type ClientCommand = { readonly until: number } | "stop";
