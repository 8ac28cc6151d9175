import { expect, test } from "vitest";
import { ResourceSampler, type Resources } from "./resource-sampler.ts";

const idle: Resources = { rssBytes: 100, bufferBytes: 10, heapBytes: 50, handleCount: 3 };

test("K6 finds a resource that grew beyond its limit, also when it has shrunk again", () => {
  const samples = [idle, { ...idle, rssBytes: 900 }, idle, idle];
  using sampler = new ResourceSampler({ everyMs: 3_600_000, take: () => samples.shift() ?? idle });
  sampler.look();
  expect(sampler.problems({ rssBytes: 800, handleCount: 0 })).toEqual([]);
  expect(sampler.problems({ rssBytes: 799 })).toEqual(["rssBytes grew by 800, over 799"]);
});

test("K6 finds a leak of memory and of a handle in this process", async () => {
  using sampler = new ResourceSampler();
  const leak = Buffer.alloc(8_000_000, 1);
  const timer = setTimeout(() => undefined, 3_600_000);
  const found = sampler.problems({ bufferBytes: 4_000_000, handleCount: 0 });
  clearTimeout(timer);
  expect(leak.length).toBe(8_000_000);
  expect(found).toEqual([
    expect.stringMatching(/^bufferBytes grew by/),
    expect.stringMatching(/^handleCount grew by/),
  ]);
});
