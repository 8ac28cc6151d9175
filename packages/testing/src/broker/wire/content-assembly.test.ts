import { expect, test } from "vitest";
import { encodeContentHeader } from "../codec/content-header.ts";
import { frameTypes } from "../codec/frames.ts";
import { ContentAssembly } from "./content-assembly.ts";

const args = { exchange: "", routingKey: "q", mandatory: false, immediate: false };

test("a publish is complete with the last octet of its body", () => {
  const assembly = new ContentAssembly(100);
  expect(assembly.underWay).toBe(false);
  assembly.begin(args);
  expect(assembly.add(frameTypes.header, encodeContentHeader(4, { type: "t" }))).toBeUndefined();
  expect(assembly.add(frameTypes.body, Buffer.from("abc"))).toBeUndefined();
  expect(assembly.add(frameTypes.body, Buffer.alloc(0))).toBeUndefined();
  expect(assembly.underWay).toBe(true);
  expect(assembly.add(frameTypes.body, Buffer.from("d"))).toMatchObject({
    arguments: args,
    properties: { type: "t" },
    body: Buffer.from("abcd"),
  });
  expect(assembly.underWay).toBe(false);
});

test("one without a body is complete with its header", () => {
  const assembly = new ContentAssembly(100);
  assembly.begin(args);
  expect(assembly.add(frameTypes.header, encodeContentHeader(0, {}))).toMatchObject({
    body: Buffer.alloc(0),
  });
});

test("nothing of it is a view of what was read", () => {
  const assembly = new ContentAssembly(100);
  assembly.begin(args);
  const header = encodeContentHeader(2, { type: "t" });
  const body = Buffer.from("ab");
  const sent = Buffer.from(header);
  assembly.add(frameTypes.header, header);
  const complete = assembly.add(frameTypes.body, body);
  header.fill(0);
  body.fill(0);
  expect(complete).toMatchObject({ header: sent, body: Buffer.from("ab") });
});
