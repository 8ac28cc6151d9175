import type { Publishing } from "@warren/message";
import { compress } from "@warren/message/authoring";
import type { ResolvedPublisherOptions } from "./publisher-options.ts";

/** Whether a body is to be compressed: it is large, and that was not done already. */
export function isSqueezable(
  { body, contentEncoding }: Publishing,
  { compress: rule, maxBodyBytes }: ResolvedPublisherOptions,
): boolean {
  if (rule === undefined || contentEncoding !== undefined || !(body instanceof Uint8Array)) return false;
  return body.byteLength > rule.overBytes && body.byteLength <= maxBodyBytes;
}

/** What is no body is refused when its turn comes. */
export function knownBytes(body: unknown): number {
  return body instanceof Uint8Array ? body.byteLength : 0;
}

/** Compresses such a body, unless that does not make it smaller. */
export function squeezeIfLarge(
  encoded: Publishing | Promise<Publishing>,
  options: ResolvedPublisherOptions,
): Publishing | Promise<Publishing> {
  if (encoded instanceof Promise) return encoded.then((publishing) => squeezeIfLarge(publishing, options));
  return isSqueezable(encoded, options) ? squeeze(encoded, options) : encoded;
}

async function squeeze(
  publishing: Publishing,
  { compress: rule }: ResolvedPublisherOptions,
): Promise<Publishing> {
  const contentEncoding = rule?.encoding ?? "gzip";
  const body = await compress(publishing.body, contentEncoding);
  return body.byteLength < publishing.body.byteLength ? { ...publishing, body, contentEncoding } : publishing;
}
