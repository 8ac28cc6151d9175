import { warrenHeaderPrefix } from "@warren/message/authoring";
import { integerOf, textOf } from "../broker/codec/field-values.ts";
import type { WireMessage } from "./wire-message.ts";

/** Why a message did not come through, as far as the wire tells. */
export interface Failure {
  readonly reason: string;
  readonly code?: string;
  readonly delayMs?: number;
  /** The attempt that failed, where the message was moved: what it carries on counts that one already. */
  readonly attempt?: number;
}

interface MoveFailure extends Failure {
  readonly originQueue: string | undefined;
}

/** What Warren's consumer writes into the headers of a message that it moves to a wait queue or a dead-letter queue. */
export function failureOf(message: WireMessage, delayMs?: number): MoveFailure {
  const header = (name: string): string | undefined =>
    textOf(message.properties.headers?.get(`${warrenHeaderPrefix}${name}`));
  const code = header("error-code");
  return {
    originQueue: header("origin-queue"),
    reason: header("error-message") ?? "",
    attempt: Math.max(1, failedAttemptsOf(message)),
    ...(code === undefined ? {} : { code }),
    ...(delayMs === undefined ? {} : { delayMs }),
  };
}

/** Of a delivery: 1 the first time; counts the retries of Warren's consumers. */
export function attemptOf(message: WireMessage): number {
  return failedAttemptsOf(message) + 1;
}

function failedAttemptsOf({ properties }: WireMessage): number {
  return integerOf(properties.headers?.get(`${warrenHeaderPrefix}attempt`)) ?? 0;
}
