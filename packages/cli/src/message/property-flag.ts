import type { MessageProperties } from "@warren/message";
import { didYouMean } from "@warren/message/authoring";
import { parseDurationMs } from "../units/duration.ts";
import { parseTime } from "./header-flag.ts";

type Parsed =
  | { readonly property: MessageProperties }
  | { readonly complaint: string; readonly unknown?: boolean };

const shortText =
  (name: keyof MessageProperties) =>
  (text: string): Parsed =>
    Buffer.byteLength(text) <= 255
      ? { property: { [name]: text } }
      : { complaint: "has more than 255 bytes" };

/** The AMQP basic properties by their AMQP names; the reader of the envelope uses the same table. */
const properties: Readonly<Record<string, (text: string) => Parsed>> = {
  contentType: shortText("contentType"),
  contentEncoding: shortText("contentEncoding"),
  deliveryMode: (text) =>
    text === "1" || text === "2"
      ? { property: { persistent: text === "2" } }
      : { complaint: "is neither 1 (transient) nor 2 (persistent)" },
  priority: (text) =>
    /^\d{1,3}$/.test(text) && Number(text) <= 255
      ? { property: { priority: Number(text) } }
      : { complaint: "is no whole number from 0 to 255" },
  correlationId: shortText("correlationId"),
  replyTo: shortText("replyTo"),
  expiration: (text) => {
    const ms = /^\d+$/.test(text) ? Number(text) : parseDurationMs(text);
    return ms === undefined || ms >= 2 ** 32
      ? { complaint: "is neither milliseconds nor a time such as 10s" }
      : { property: { expirationMs: ms } };
  },
  messageId: shortText("messageId"),
  timestamp: (text) => {
    const timestamp = parseTime(text);
    return timestamp === undefined
      ? { complaint: "is no time such as 2026-01-31T12:00:00Z, nor seconds since 1970" }
      : { property: { timestamp } };
  },
  type: shortText("type"),
  userId: shortText("userId"),
  appId: shortText("appId"),
};

/** `-p name=value`, the name as AMQP has it in camel or kebab case: contentType or content-type. */
export function parsePropertyFlag(written: string): Parsed {
  const equals = written.indexOf("=");
  if (equals < 0) return { complaint: `"${written}" has no "=": write name=value` };
  return parseProperty(written.slice(0, equals), written.slice(equals + 1));
}

/** One property; the complaint about a name that is none says so in `unknown`. */
export function parseProperty(writtenName: string, text: string): Parsed {
  const name = writtenName.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const parse = Object.hasOwn(properties, name) ? properties[name] : undefined;
  if (parse === undefined) {
    const known = Object.keys(properties);
    const complaint = `"${writtenName}" is no property (${known.join(", ")}).${didYouMean(name, known)}`;
    return { complaint, unknown: true };
  }
  const parsed = parse(text);
  return "complaint" in parsed ? { complaint: `${name}: "${text}" ${parsed.complaint}` } : parsed;
}
