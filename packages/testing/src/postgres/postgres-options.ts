import { anObject, milliseconds, resolveOptions } from "@warren/message/authoring";

export interface PostgresOptions {
  /** Server settings by name, for example `{ wal_level: "logical" }`. @default {} */
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
  /** How long each start may take, in milliseconds. @default 60_000 */
  readonly startTimeoutMs?: number;
}

export type ResolvedPostgresOptions = Required<PostgresOptions>;

const defaults: ResolvedPostgresOptions = Object.freeze({ settings: {}, startTimeoutMs: 60_000 });

/** @throws ConfigError INVALID_OPTION with every problem at once. */
export function resolvePostgresOptions(options: PostgresOptions): ResolvedPostgresOptions {
  return resolveOptions<PostgresOptions, ResolvedPostgresOptions>("startPostgres", options, defaults, {
    settings: anObject,
    startTimeoutMs: milliseconds(1),
  });
}
