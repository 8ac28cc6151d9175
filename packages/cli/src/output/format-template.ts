import { didYouMean } from "@warren/message/authoring";
import { encodeHeaders } from "../message/envelope-headers.ts";
import { messageFields, type PrintableMessage } from "./message-fields.ts";

/** Bytes for one message; without the separator that follows it. */
export type Formatter = (message: PrintableMessage) => Buffer;

const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  "0": "\0",
  "\\": "\\",
  "{": "{",
  "}": "}",
};

/**
 * Compiles a `--format` template: `{body}`, `{json:a.b}`, `{header:x}` and every field of a message (`{routingKey}`),
 * with the escapes \n \t \r \0 \\ \{ \}. The body goes out byte for byte.
 */
export function parseTemplate(
  template: string,
): { readonly format: Formatter } | { readonly complaint: string } {
  const parts: Formatter[] = [];
  for (const [piece, token, escape] of template.matchAll(/\{([^{}]*)\}|\\(.)|[^{}\\]+|[{}\\]/gsu)) {
    if (token !== undefined) {
      const part = tokenPart(token);
      if ("complaint" in part) return part;
      parts.push(part.format);
    } else if (escape !== undefined) {
      const character = escapes[escape];
      if (character === undefined) return { complaint: `"\\${escape}" is no escape of a template` };
      parts.push(constant(character));
    } else if (piece === "{" || piece === "}" || piece === "\\") {
      return { complaint: `a "${piece}" of its own is written "\\${piece}"` };
    } else {
      parts.push(constant(piece));
    }
  }
  return { format: (message) => Buffer.concat(parts.map((part) => part(message))) };
}

function tokenPart(token: string): { readonly format: Formatter } | { readonly complaint: string } {
  if (token === "body") return { format: (message) => message.body };
  if (token.startsWith("json:")) {
    const path = token.slice("json:".length).split(".");
    return { format: ({ body }) => Buffer.from(textOf(walk(parsed(body), path))) };
  }
  if (token.startsWith("header:")) {
    const name = token.slice("header:".length);
    return { format: ({ properties }) => Buffer.from(headerText(properties.headers ?? {}, name)) };
  }
  const field = Object.hasOwn(messageFields, token) ? messageFields[token] : undefined;
  if (field !== undefined) return { format: (message) => Buffer.from(field(message)) };
  const known = ["body", "json:PATH", "header:NAME", ...Object.keys(messageFields)];
  return {
    complaint: `{${token}} is not known.${didYouMean(token, known)} There are {${known.join("}, {")}}.`,
  };
}

function constant(text: string): Formatter {
  const bytes = Buffer.from(text);
  return () => bytes;
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

function walk(value: unknown, path: readonly string[]): unknown {
  let at = value;
  for (const name of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}

function headerText(headers: NonNullable<PrintableMessage["properties"]["headers"]>, name: string): string {
  if (!Object.hasOwn(headers, name)) return "";
  return textOf(walk(encodeHeaders({ [name]: headers[name]! }).headers, [name]));
}

/** A text as it is, anything else as JSON, nothing as nothing. */
function textOf(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
