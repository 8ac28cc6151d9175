import { WarrenError } from "@warren/message";

export function requestLost(cause: WarrenError): WarrenError {
  return new WarrenError(
    "REQUEST_LOST",
    `the answer is lost: ${cause.sentence}. Whether the request was served is unknown`,
    { cause },
  );
}

export function requestTimedOut(timeoutMs: number): WarrenError {
  return new WarrenError("REQUEST_TIMEOUT", `no answer within ${timeoutMs} ms`, { context: { timeoutMs } });
}

/** The answer came. */
export function readingTimedOut(timeoutMs: number): WarrenError {
  return new WarrenError(
    "REQUEST_TIMEOUT",
    `the answer came, and after ${timeoutMs} ms more its schema has not ended`,
    { context: { timeoutMs } },
  );
}

export function requestAborted(): WarrenError {
  return new WarrenError("REQUEST_ABORTED", "the request was aborted by its signal");
}
