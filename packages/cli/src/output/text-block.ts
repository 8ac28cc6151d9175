import { isUtf8 } from "node:buffer";
import { styleText } from "node:util";
import { encodeHeaders } from "../message/envelope-headers.ts";
import { escapeJson, escapeLine, escapeText } from "../terminal.ts";
import { messageFields, type PrintableMessage } from "./message-fields.ts";

/** Fields that stand on the first line of a block, or say little enough to be left out. */
const aside: ReadonlySet<string> = new Set([
  "exchange",
  "routingKey",
  "queue",
  "redelivered",
  "receivedAt",
  "size",
]);

/** A message for a person: a line about its way, its properties and headers, and the body. Safe for a terminal. */
export function textBlock(message: PrintableMessage, colour: boolean): string {
  const dim = (text: string) => (colour ? styleText("dim", text, { validateStream: false }) : text);
  const from = `${message.exchange === "" ? "(default exchange)" : escapeLine(message.exchange)} → ${escapeLine(message.routingKey)}`;
  const seen = message.redelivered ? ", redelivered" : "";
  const head = `── ${from}  (${message.body.length} bytes${seen}, ${message.receivedAt.toISOString()})`;
  const lines = Object.entries(messageFields)
    .filter(([name]) => !aside.has(name))
    .map(([name, field]) => [name, field(message)] as const)
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `   ${name}: ${escapeLine(value)}`);
  const headers = encodeHeaders(message.properties.headers ?? {}).headers as Record<string, unknown>;
  for (const [name, value] of Object.entries(headers))
    lines.push(
      `   ${escapeLine(name)} = ${typeof value === "string" ? escapeLine(value) : escapeJson(JSON.stringify(value))}`,
    );
  return `${dim([head, ...lines].join("\n"))}\n${bodyText(message.body)}\n`;
}

/** The body as text, or what it begins with where it is none. */
function bodyText(body: Buffer): string {
  if (isUtf8(body)) return escapeText(body.toString());
  const shown = body.subarray(0, 32).toString("hex").replaceAll(/../g, "$& ").trim();
  return `(no UTF-8) ${shown}${body.length > 32 ? " …" : ""}`;
}
