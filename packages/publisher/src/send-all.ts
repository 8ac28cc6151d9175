import { type Confirmation, WarrenError } from "@warren/message";
import { shownValue } from "@warren/message/authoring";
import { checkGiven } from "./check-given.ts";
import { inWindow } from "./in-window.ts";
import { publishAllOptionRules, publishControlRules, type PublishOptions } from "./publish-options.ts";
import { isMessage, type Sendable } from "./sendable.ts";
import type { Sender } from "./sender.ts";

/** What is published many times, or each once. */
export type Many = Sendable | Iterable<unknown> | AsyncIterable<unknown>;

/**
 * Sends every payload of one message, or every publishing, no more than `width` at a time and as there is room.
 *
 * @throws WarrenError PUBLISH_INVALID when there is nothing that could be gone through, or the options are wrong: this is
 * about no single item.
 */
export async function sendAll(
  sender: Sender,
  width: number,
  what: unknown,
  payloadsOrControl: unknown,
  options: PublishOptions | undefined,
): Promise<readonly Confirmation[]> {
  const room = (): Promise<void> | undefined => sender.room();
  if (isMessage(what)) {
    const payloads = asSource(
      payloadsOrControl,
      `the payloads of "${what.type}"`,
      "publish(message, payload)",
    );
    if (options !== undefined) checkGiven(options, publishAllOptionRules);
    return inWindow({ width, room }, payloads, (payload, settled) =>
      sender.send(what, payload, options, settled, "wait"),
    );
  }
  const publishings = asSource(what, "what publishAll publishes", "publish(publishing)");
  if (payloadsOrControl !== undefined) checkGiven(payloadsOrControl, publishControlRules);
  return inWindow({ width, room }, publishings, (publishing, settled) =>
    sender.send(publishing as Sendable, payloadsOrControl, undefined, settled, "wait"),
  );
}

type Source = Iterable<unknown> | AsyncIterable<unknown>;

/** A text can be gone through too, letter by letter, and a body byte by byte; nobody means that. */
function asSource(given: unknown, what: string, forOne: string): Source {
  if (typeof given === "object" && given !== null && !(given instanceof Uint8Array))
    if (Symbol.iterator in given || Symbol.asyncIterator in given) return given as Source;
  throw new WarrenError(
    "PUBLISH_INVALID",
    `${what} must be an array or another iterable, not ${shownValue(given)}; for a single one call ${forOne}`,
  );
}
