import { WarrenError } from "@warren/message";
import type { ErrorContext } from "@warren/message/authoring";
import { contextOf, placeOf, type Target } from "./publish-error.ts";

/** What a request asks, and where; its routing key only once it is known. */
export interface RequestTarget extends Target {
  readonly type?: string | undefined;
}

export function requestLost(cause: WarrenError, target: RequestTarget): WarrenError {
  return new WarrenError(
    "REQUEST_LOST",
    `the answer to ${describe(target)} is lost: ${cause.sentence}. Whether it was served is unknown`,
    { cause, context: requestContext(target) },
  );
}

export function requestTimedOut(timeoutMs: number, target: RequestTarget): WarrenError {
  return new WarrenError("REQUEST_TIMEOUT", `no answer to ${describe(target)} within ${timeoutMs} ms`, {
    context: { timeoutMs, ...requestContext(target) },
  });
}

/** The answer came. */
export function readingTimedOut(timeoutMs: number, target: RequestTarget): WarrenError {
  return new WarrenError(
    "REQUEST_TIMEOUT",
    `the answer to ${describe(target)} came, and after ${timeoutMs} ms more its schema has not ended`,
    { context: { timeoutMs, ...requestContext(target) } },
  );
}

export function requestAborted(target: RequestTarget): WarrenError {
  return new WarrenError("REQUEST_ABORTED", `${describe(target)} was aborted by its signal`, {
    context: requestContext(target),
  });
}

function describe(target: RequestTarget): string {
  return `the request${target.type === undefined ? "" : ` "${target.type}"`}${placeOf(target)}`;
}

function requestContext({ type, ...target }: RequestTarget): ErrorContext {
  return { ...(type === undefined ? {} : { type }), ...contextOf(target) };
}
