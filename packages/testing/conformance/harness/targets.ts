import type { NodeAccess } from "../../src/rabbitmq/node-control.ts";

/** The version whose documented behaviour a broker must show. */
export type ConformanceVersion = "3.10" | "4.0";

/** What the suite runs on, by the names that `WARREN_CONFORMANCE` takes. */
export const targets = {
  "rabbitmq-3.10": { version: "3.10", embedded: false, title: "RabbitMQ 3.10" },
  "rabbitmq-4.0": { version: "4.0", embedded: false, title: "RabbitMQ 4.0" },
  "embedded-3.10": { version: "3.10", embedded: true, title: "the embedded broker as 3.10" },
  "embedded-4.0": { version: "4.0", embedded: true, title: "the embedded broker as 4.0" },
} as const satisfies Record<string, Target>;

export type TargetName = keyof typeof targets;

interface Target {
  readonly version: ConformanceVersion;
  readonly embedded: boolean;
  readonly title: string;
}

/** What the global set-up tells the test files of each target: plain data, since they run in other processes. */
export type ProvidedTarget =
  | { readonly state: "running"; readonly port: number; readonly access: NodeAccess }
  | { readonly state: "embedded" }
  | { readonly state: "missing"; readonly why: string };

/** Targets that are not among them were not asked for. */
export type ProvidedTargets = Readonly<Partial<Record<TargetName, ProvidedTarget>>>;

declare module "vitest" {
  interface ProvidedContext {
    "warren:conformance": ProvidedTargets;
  }
}
