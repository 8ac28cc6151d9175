/**
 * What RabbitMQ's reply texts say. The only place that reads them: a refused declaration has its reason nowhere
 * else. Texts of 3.10 to 4.3; a text is cut at 255 bytes and then ends in "...".
 */

/** `PRECONDITION_FAILED - inequivalent arg 'x-message-ttl' for queue 'q' in vhost '/': received '5' but current is '6'` */
export interface Inequivalence {
  readonly argument: string;
  readonly actual: ReplyValue;
}

export type ReplyValue =
  | { readonly kind: "none" }
  /** `type` is AMQP's, and only told when the other side has no such argument. */
  | { readonly kind: "value"; readonly text: string; readonly type: string | undefined }
  | { readonly kind: "cut" };

export interface AccessRefusal {
  /** RabbitMQ 4 says which; 3.x does not. */
  readonly permission: "configure" | "write" | "read" | undefined;
  readonly resource: "queue" | "exchange";
  readonly name: string;
  readonly vhost: string;
  readonly user: string;
}

/** An authorization backend that failed instead of deciding; so does the OAuth 2 backend with a token that has ended. */
const undecided = /^ACCESS_REFUSED - .* refused for user '.*', backend \S+ returned an error: /s;

const inequivalent = /^PRECONDITION_FAILED - inequivalent arg '([^']+)' for (?:queue|exchange) '/;
const current = /^.* but current is (none|'(.*)'|the value '(.*)' of type '([a-z]+)')$/s;
const invalid = /^PRECONDITION_FAILED - invalid (?:arg|property|type '[^']*' for arg) '([^']+)'.*$/s;
const refusal =
  /^ACCESS_REFUSED - (?:(configure|write|read) )?access to (queue|exchange) '(.*)' in vhost '(.*)' refused for user '(.*)'$/s;

/** @returns nothing when the text says something else. */
export function parseInequivalence(replyText: string): Inequivalence | undefined {
  const argument = inequivalent.exec(replyText)?.[1];
  if (argument === undefined) return undefined;
  const match = current.exec(replyText);
  if (match === null) return { argument, actual: { kind: "cut" } };
  if (match[1] === "none") return { argument, actual: { kind: "none" } };
  return { argument, actual: { kind: "value", text: match[2] ?? match[3] ?? "", type: match[4] } };
}

/** The argument or property that this broker does not accept, in `invalid arg 'x-max-priority' for queue …`. */
export function parseInvalidArgument(replyText: string): string | undefined {
  return invalid.exec(replyText)?.[1];
}

/** Whether nobody has decided that the permission is missing: it was refused because the question failed. */
export function saysUndecided(replyText: string): boolean {
  return undecided.test(replyText);
}

export function parseAccessRefusal(replyText: string): AccessRefusal | undefined {
  const match = refusal.exec(replyText);
  if (match === null) return undefined;
  const [, permission, resource, name = "", vhost = "", user = ""] = match;
  return {
    permission: permission as AccessRefusal["permission"],
    resource: resource as AccessRefusal["resource"],
    name,
    vhost,
    user,
  };
}
