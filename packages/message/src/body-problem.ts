import { shownValue } from "./shown-value.ts";

/** Why that is no body, or nothing. A text is not shown: it is what was to be sent. */
export function bodyProblem(body: unknown): string | undefined {
  if (body instanceof Uint8Array) return undefined;
  const kind = typeof body === "string" ? "a text" : shownValue(body);
  return `the body is ${kind}, not a Uint8Array: give Buffer.from(text), or publish a message of defineMessage, whose payload is encoded`;
}
