import { encodeEnvelope, type BodyForm } from "../message/envelope.ts";
import { parseTemplate } from "../output/format-template.ts";
import type { PrintableMessage } from "../output/message-fields.ts";
import { textBlock } from "../output/text-block.ts";
import { Failure } from "../failure.ts";
import { escapeText } from "../terminal.ts";

export type PrintForm = "text" | "lines" | "raw" | "ndjson" | "json";

export interface PrinterOptions {
  readonly form: PrintForm;
  /** A template instead of a form. */
  readonly format: string | undefined;
  /** What stands after each body, or each filled template. */
  readonly terminator: "\n" | "\0" | "";
  readonly bodyAs: BodyForm;
  /** What a terminal would act on is spelt out; a pipe and a file get every byte as it is. */
  readonly terminal: boolean;
  readonly colour: boolean;
}

/** How messages become bytes on stdout, one after the other, and what stands after the last. */
export interface Printer {
  readonly message: (message: PrintableMessage) => Buffer;
  readonly end: () => Buffer;
}

const nothing = Buffer.alloc(0);

/** @throws Failure 64 for a template that cannot be read */
export function createPrinter(options: PrinterOptions): Printer {
  if (options.format !== undefined) return formatted(options.format, options);
  switch (options.form) {
    case "text":
      return each((message) => Buffer.from(textBlock(message, options.colour)));
    case "lines":
    case "raw":
      return each((message) => terminated(message.body, options));
    case "ndjson":
      return each((message) => Buffer.from(`${encodeEnvelope(message, options.bodyAs)}\n`));
    case "json":
      return jsonArray(options.bodyAs);
  }
}

function each(message: Printer["message"]): Printer {
  return { message, end: () => nothing };
}

function formatted(template: string, options: PrinterOptions): Printer {
  const parsed = parseTemplate(template);
  if ("complaint" in parsed) throw new Failure(64, `--format ${parsed.complaint}`);
  return each((message) => terminated(parsed.format(message), options));
}

function terminated(bytes: Buffer, options: PrinterOptions): Buffer {
  const safe = options.terminal ? Buffer.from(escapeText(bytes.toString())) : bytes;
  return Buffer.concat([safe, Buffer.from(options.terminator)]);
}

function jsonArray(bodyAs: BodyForm): Printer {
  let count = 0;
  return {
    message: (message) => Buffer.from((count++ === 0 ? "[\n" : ",\n") + encodeEnvelope(message, bodyAs)),
    end: () => Buffer.from(count === 0 ? "[]\n" : "\n]\n"),
  };
}
