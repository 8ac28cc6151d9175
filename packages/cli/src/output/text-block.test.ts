import { expect, test } from "vitest";
import type { PrintableMessage } from "./message-fields.ts";
import { textBlock } from "./text-block.ts";

const message: PrintableMessage = {
  exchange: "",
  routingKey: "jobs\u001b[2J",
  queue: "jobs",
  redelivered: true,
  deliveryCount: 3,
  offset: undefined,
  receivedAt: new Date(0),
  properties: { contentType: "text/plain", headers: { "a\nb": "c\rd", n: { at: new Date(0) } } },
  body: Buffer.from("two\nlines\u001b]0;owned\u0007"),
};

test("S7: a message is shown with its way, properties, headers and body, and cannot act on the terminal", () => {
  expect(textBlock(message, false)).toBe(
    [
      "── (default exchange) → jobs\\e[2J  (19 bytes, redelivered, 1970-01-01T00:00:00.000Z)",
      "   deliveryCount: 3",
      "   contentType: text/plain",
      "   a\\nb = c\\rd",
      '   n = {"at":"1970-01-01T00:00:00.000Z"}',
      "two",
      "lines\\e]0;owned\\x07",
      "",
    ].join("\n"),
  );
});

test("a body that is no text is shown as the bytes it begins with", () => {
  const block = textBlock({ ...message, body: Buffer.alloc(40, 0xff) }, false);
  expect(block).toContain(`(no UTF-8) ${"ff ".repeat(32)}…\n`);
});

test("colour is only around what is not the body", () => {
  const block = textBlock(message, true);
  expect(block.startsWith("\u001b[2m── ")).toBe(true);
  expect(block.indexOf("\u001b[22m\ntwo")).toBeGreaterThan(0);
});
