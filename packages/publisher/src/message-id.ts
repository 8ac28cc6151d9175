import { randomUUID } from "node:crypto";

/**
 * A UUID as one flat string. `randomUUID` gives a chain of its parts, which takes eight times the memory while the
 * publish waits; reading a character makes it one, which would happen anyway when it is written.
 */
export function makeMessageId(): string {
  const id = randomUUID();
  void id.charCodeAt(0);
  return id;
}
