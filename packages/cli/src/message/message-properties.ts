import type { HeaderValue, MessageProperties } from "@warren/message";
import { Failure } from "../failure.ts";
import { parseHeaderFlag } from "./header-flag.ts";
import { parsePropertyFlag } from "./property-flag.ts";

/**
 * What all `-H` and `-p` say together; of a repeated one the last counts.
 *
 * @throws Failure 64, listing every problem at once
 */
export function messageProperties(written: {
  readonly header: readonly string[];
  readonly property: readonly string[];
}): MessageProperties {
  const problems: string[] = [];
  let properties: MessageProperties = {};
  for (const text of written.property) {
    const parsed = parsePropertyFlag(text);
    if ("property" in parsed) properties = { ...properties, ...parsed.property };
    else problems.push(`--property ${parsed.complaint}`);
  }
  const headers = Object.create(null) as Record<string, HeaderValue>;
  for (const text of written.header) {
    const parsed = parseHeaderFlag(text);
    if ("name" in parsed) headers[parsed.name] = parsed.value;
    else problems.push(`--header ${parsed.complaint}`);
  }
  if (problems.length > 0) throw new Failure(64, problems.join("\n"));
  return Object.keys(headers).length === 0 ? properties : { ...properties, headers };
}
