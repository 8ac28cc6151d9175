import { AsyncLocalStorage } from "node:async_hooks";
import type { Headers, Middleware } from "@warren/message";

/** Where a delivery belongs in a distributed trace. https://www.w3.org/TR/trace-context/ */
export interface TraceContext {
  readonly traceparent: string;
  readonly tracestate?: string;
}

const current = new AsyncLocalStorage<TraceContext>();

/** Version 00 exactly; a higher version may say more after its flags. All zeros are no ids. */
const traceparent = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/;
const maxStateLength = 512;

/**
 * Keeps the trace of the delivery while its handler runs, through every `await`. Give {@link traceHeaders} to the
 * publisher, and what the handler publishes belongs to the same trace. A `traceparent` that is none is left out.
 */
export function traceContext(): Middleware {
  return (delivery, next) => {
    const context = contextOf(delivery.headers);
    return context === undefined ? next(delivery) : current.run(context, () => next(delivery));
  };
}

/** The trace of the delivery that is being handled, if it has one. */
export function currentTrace(): TraceContext | undefined {
  return current.getStore();
}

/** For `createPublisher(connection, { traceHeaders })`. */
export function traceHeaders(): Headers | undefined {
  return current.getStore() as Headers | undefined;
}

function contextOf(headers: Headers): TraceContext | undefined {
  const { traceparent: parent, tracestate: state } = headers;
  if (typeof parent !== "string" || !traceparent.test(parent)) return undefined;
  if (parent.startsWith("00-") && parent.length !== 55) return undefined;
  return typeof state === "string" && state.length > 0 && state.length <= maxStateLength
    ? { traceparent: parent, tracestate: state }
    : { traceparent: parent };
}
