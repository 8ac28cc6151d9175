import { warrenHeaderPrefix } from "@warren/message/authoring";
import { integerOf, textOf } from "../broker/codec/field-values.ts";
import type { WireMessage } from "./wire-message.ts";

/** Why a message did not come through, as far as the wire tells. */
export interface Failure {
  readonly reason: string;
  readonly code?: string;
  readonly delayMs?: number;
}

interface MoveFailure extends Failure {
  readonly originQueue: string | undefined;
}

/** What Warren's consumer writes into the headers of a message that it moves to a wait queue or a dead-letter queue. */
export function failureOf({ properties }: WireMessage, delayMs?: number): MoveFailure {
  const header = (name: string): string | undefined =>
    textOf(properties.headers?.get(`${warrenHeaderPrefix}${name}`));
  const code = header("error-code");
  return {
    originQueue: header("origin-queue"),
    reason: header("error-message") ?? "",
    ...(code === undefined ? {} : { code }),
    ...(delayMs === undefined ? {} : { delayMs }),
  };
}

/** 1 the first time; counts the retries of Warren's consumers. */
export function attemptOf({ properties }: WireMessage): number {
  return (integerOf(properties.headers?.get(`${warrenHeaderPrefix}attempt`)) ?? 0) + 1;
}
