import { describe, expect, test } from "vitest";
import { parseTemplate } from "./format-template.ts";
import type { PrintableMessage } from "./message-fields.ts";

const message: PrintableMessage = {
  exchange: "orders",
  routingKey: "order.eu",
  queue: "billing",
  redelivered: false,
  deliveryCount: undefined,
  offset: undefined,
  receivedAt: new Date(0),
  properties: { messageId: "m-1", headers: { n: 7, at: new Date(0), table: { a: 1 }, name: "x" } },
  body: Buffer.from('{"id":"o-1","lines":[{"sku":"s"}],"none":null}'),
};

function formatted(template: string, body = message.body): Buffer {
  const result = parseTemplate(template);
  if ("complaint" in result) throw new Error(result.complaint);
  return result.format({ ...message, body });
}

describe("parseTemplate", () => {
  test.each([
    ["{routingKey}\\t{messageId}", "order.eu\tm-1"],
    ["{json:id} {json:lines.0.sku} {json:lines} {json:none}", 'o-1 s [{"sku":"s"}] null'],
    ["[{json:absent.deep}{header:absent}{priority}{json:toString}]", "[]"],
    ["{header:n} {header:at} {header:table} {header:name}", '7 1970-01-01T00:00:00.000Z {"a":1} x'],
    ["\\{{size}\\}\\\\", "{46}\\"],
    ["", ""],
  ])("%s", (template, text) => {
    expect(formatted(template).toString()).toBe(text);
  });

  test("the body goes out byte for byte, and {json:…} of a body that is no JSON is empty", () => {
    const body = Buffer.from([0xff, 0x0a, 0x00]);
    expect(formatted("{body}", body)).toEqual(body);
    expect(formatted("{json:id}", body).toString()).toBe("");
  });

  test.each([
    ["{routngKey}", /^\{routngKey\} is not known. Did you mean "routingKey"\? There are \{body\}, /],
    ["{body", /^a "\{" of its own is written "\\\{"$/],
    ["\\x", /^"\\x" is no escape of a template$/],
  ])("refuses %s", (template, complaint) => {
    const result = parseTemplate(template);
    expect("complaint" in result && result.complaint).toMatch(complaint);
  });
});
