import fc from "fast-check";
import { expect, test } from "vitest";
import { amqplibMethodFrame } from "./amqplib-codec.test-support.ts";
import { methodNamed, methodNames } from "./arbitraries.test-support.ts";
import { methodFrame } from "./frames.ts";
import { methodTable } from "./method-table.ts";
import { decodeMethod, encodeMethod } from "./methods.ts";

test.for(methodNames)("%s comes back as it went, and amqplib writes the same bytes", (name) => {
  const { classId, methodId } = methodTable[name];
  fc.assert(
    fc.property(methodNamed(name), fc.nat(65_535), ({ arguments: args }, channel) => {
      const payload = encodeMethod(name, args as never);
      expect(decodeMethod(payload)).toEqual({ name, arguments: args });
      const theirs = amqplibMethodFrame(channel, classId * 65_536 + methodId, args);
      expect(methodFrame(channel, name, args as never).toString("hex")).toBe(theirs.toString("hex"));
    }),
    { numRuns: 60 },
  );
});
