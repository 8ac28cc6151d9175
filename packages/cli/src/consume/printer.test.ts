import { describe, expect, test } from "vitest";
import type { PrintableMessage } from "../output/message-fields.ts";
import { createPrinter, type PrinterOptions } from "./printer.ts";

const defaults: PrinterOptions = {
  form: "raw",
  format: undefined,
  terminator: "\n",
  bodyAs: "auto",
  terminal: false,
  colour: false,
};

function message(body: string | Buffer): PrintableMessage {
  return {
    exchange: "e",
    routingKey: "k",
    queue: "q",
    redelivered: false,
    deliveryCount: undefined,
    offset: undefined,
    receivedAt: new Date(0),
    properties: {},
    body: Buffer.from(body as string),
  };
}

function printed(bodies: readonly (string | Buffer)[], options: Partial<PrinterOptions>): string {
  const printer = createPrinter({ ...defaults, ...options });
  const parts = [...bodies.map((body) => printer.message(message(body))), printer.end()];
  return Buffer.concat(parts).toString("latin1");
}

describe("createPrinter", () => {
  test("raw is the body and a line feed, a NUL or nothing, byte for byte", () => {
    const bytes = Buffer.from([0xff, 0x00, 0x1b, 0x0d]);
    expect(printed([bytes, "b"], {})).toBe("\u00ff\0\u001b\r\nb\n");
    expect(printed([bytes, "b"], { terminator: "\0" })).toBe("\u00ff\0\u001b\r\0b\0");
    expect(printed([bytes, "b"], { terminator: "" })).toBe("\u00ff\0\u001b\rb");
  });

  test("S7: on a terminal no body and no header can act on it", () => {
    for (const options of [{}, { form: "text" }, { format: "{body}" }, { form: "ndjson" }] as const)
      expect(printed(["\u001b[2J"], { ...options, terminal: true })).not.toContain("\u001b");
  });

  test("json is one array, also with nothing in it", () => {
    expect(JSON.parse(printed([], { form: "json" }))).toEqual([]);
    expect(JSON.parse(printed(["a", "b"], { form: "json" }))).toMatchObject([{ body: "a" }, { body: "b" }]);
  });

  test("ndjson is one envelope a line", () => {
    const lines = printed(["a\nb", '{"c":1}'], { form: "ndjson", bodyAs: "json" }).split("\n");
    expect(lines.map((line) => (line === "" ? "" : JSON.parse(line).body))).toEqual(["a\nb", { c: 1 }, ""]);
  });

  test("a template is filled for each message; one that cannot be read is a usage error", () => {
    expect(printed(["a", "b"], { format: "{routingKey}={body}" })).toBe("k=a\nk=b\n");
    expect(() => printed([], { format: "{bdy}" })).toThrow(
      '--format {bdy} is not known. Did you mean "body"?',
    );
  });
});
