import fc from "fast-check";
import { method, properties, someBytes } from "./arbitraries.test-support.ts";
import { encodeContentHeader } from "./content-header.ts";
import { encodeFrame, frameTypes, heartbeatFrame, methodFrame } from "./frames.ts";

/** Valid frames of all kinds, among them tables as deep as allowed and deeper; the same for the same seed. */
export function validFrames(seed: number): readonly Buffer[] {
  const header = fc.record({ bodyBytes: fc.nat(), properties });
  return [
    ...fc
      .sample(method, { seed, numRuns: 400 })
      .map(({ name, arguments: args }) => methodFrame(1, name, args as never)),
    ...fc
      .sample(header, { seed, numRuns: 200 })
      .map((each) => encodeFrame(frameTypes.header, 1, encodeContentHeader(each.bodyBytes, each.properties))),
    ...fc.sample(someBytes, { seed, numRuns: 50 }).map((body) => encodeFrame(frameTypes.body, 1, body)),
    ...[1, 31, 32, 1_000].map((levels) => headerOf(nestedFields("F", levels))),
    ...[31, 32, 1_000].map((levels) => headerOf(nestedFields("A", levels))),
    encodeFrame(frameTypes.body, 1, Buffer.alloc(131_064, "body")),
    heartbeatFrame,
  ];
}

/** A content header frame with nothing but these headers, `fields` without the length before it. */
export function headerOf(fields: Buffer): Buffer {
  const start = Buffer.alloc(14);
  start.writeUInt16BE(60, 0);
  start.writeUInt16BE(0x2000, 12);
  return encodeFrame(frameTypes.header, 1, Buffer.concat([start, lengthOf(fields), fields]));
}

/** So many tables, or arrays, in one another, without the length of the outermost. */
export function nestedFields(tag: "F" | "A", levels: number): Buffer {
  let fields: Buffer = Buffer.alloc(0);
  for (let level = 1; level < levels; level += 1)
    fields = Buffer.concat([Buffer.from(tag === "F" ? "\u0001aF" : "A"), lengthOf(fields), fields]);
  return tag === "F" ? fields : Buffer.concat([Buffer.from("\u0001a"), fields]);
}

function lengthOf(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return length;
}
