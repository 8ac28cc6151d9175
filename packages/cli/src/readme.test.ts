import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { exitCodes } from "./exit-code.ts";
import { decodeEnvelope } from "./message/envelope.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

test("the table of exit codes is the one of the source", () => {
  const rows = [...readme.matchAll(/^\| (\d+) \| (.*) \|$/gm)].map(([, code, meaning]) => [code, meaning]);
  expect(rows).toEqual(Object.entries(exitCodes));
});

test("the envelope can be published", () => {
  const [, envelope] = /```json\n(.*?)```/s.exec(readme)!;
  expect(decodeEnvelope(Buffer.from(envelope!))).toMatchObject({
    envelope: {
      exchange: "orders",
      properties: { messageId: "o-1", headers: { raw: Buffer.from([0, 255]) } },
    },
  });
});
