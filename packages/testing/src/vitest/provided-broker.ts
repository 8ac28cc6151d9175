import type { BrokerVersion } from "../broker/version.ts";
import type { NodeAccess } from "../rabbitmq/node-control.ts";

/** What the global set-up hands to the test files: plain data, since they run in other processes. */
export type ProvidedBroker =
  | { readonly url: string; readonly version: string; readonly access: NodeAccess | undefined }
  /** Each test file starts one of its own. */
  | { readonly embedded: BrokerVersion }
  | { readonly missing: string };

declare module "vitest" {
  interface ProvidedContext {
    "warren:broker": ProvidedBroker;
  }
}
