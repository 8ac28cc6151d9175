import { expect, test } from "vitest";
import { fuzzCodec } from "./codec-fuzz.test-support.ts";

test(
  "mutated frames get an AmqpError or a meaning, quickly and in little memory",
  { timeout: 30_000 },
  () => {
    const summary = fuzzCodec({ frames: 20_000, seed: 20_261_122 });
    // Otherwise the frames would be too broken, or too whole, to prove anything.
    expect(summary.methods).toBeGreaterThan(1_500);
    expect(summary.headers).toBeGreaterThan(1_000);
    expect(Object.keys(summary.refused)).toEqual(expect.arrayContaining(["501", "502", "505", "540", "541"]));
  },
);
