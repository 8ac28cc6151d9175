import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { compress, decompress } from "./content-encoding.ts";
import { DeliveryError } from "./errors.ts";

const mebibyte = 1024 * 1024;

/** The failure of a decompression, whether it is thrown or rejects. */
async function failure(body: Uint8Array, encoding: string, limits = {}): Promise<DeliveryError> {
  try {
    await decompress(body, encoding, limits);
  } catch (error) {
    if (error instanceof DeliveryError && error.code === "DECODE_FAILED") return error;
    throw error;
  }
  throw new Error("it was decompressed");
}

test("what was compressed comes back as it was", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 5_000 }), async (bytes) => {
      const back = await decompress(await compress(bytes, "gzip"), "gzip");
      expect(Buffer.compare(back, bytes)).toBe(0);
    }),
    { numRuns: 30 },
  );
});

test("a large text gets smaller and GZIP is gzip", async () => {
  const body = Buffer.from(
    JSON.stringify(Array.from({ length: 2_000 }, (_, id) => ({ id, name: `city ${id}` }))),
  );
  const small = await compress(body, "gzip");
  expect(small.byteLength).toBeLessThan(body.byteLength / 4);
  expect(Buffer.compare(await decompress(small, " GZIP "), body)).toBe(0);
});

test("a body that is not compressed is handed back at once, also with a charset for an encoding", () => {
  const body = Buffer.from("x");
  for (const encoding of [undefined, "", "identity", "utf-8", "UTF-8", "us-ascii", "binary"])
    expect(decompress(body, encoding)).toBe(body);
});

test("S21 256 MiB of zeros are given up at the limit, long before they are unpacked", async () => {
  const bomb = gzipSync(Buffer.alloc(256 * mebibyte));
  const before = process.memoryUsage().rss;
  expect((await failure(bomb, "gzip")).sentence).toBe("the decompressed body is larger than 16777216 bytes");
  expect(process.memoryUsage().rss - before).toBeLessThan(128 * mebibyte);
});

test("S21 the ratio is capped as well as the bytes", async () => {
  const bomb = gzipSync(Buffer.alloc(mebibyte));
  expect((await failure(bomb, "gzip")).sentence).toBe(
    "the decompressed body is larger than 200 times its size",
  );
  expect(await decompress(bomb, "gzip", { maxRatio: 1_100 })).toHaveLength(mebibyte);
  expect((await failure(bomb, "gzip", { maxRatio: 1_100, maxBytes: mebibyte - 1 })).code).toBe(
    "DECODE_FAILED",
  );
});

test("S21 a small body may repeat itself", async () => {
  expect(await decompress(gzipSync(Buffer.alloc(65_536)), "gzip")).toHaveLength(65_536);
});

test("S21 members that follow one another share the limit", async () => {
  const member = gzipSync(Buffer.alloc(60_000));
  const error = await failure(Buffer.concat([member, member]), "gzip", {
    maxBytes: 100_000,
    maxRatio: 1_100,
  });
  expect(error.sentence).toBe("the decompressed body is larger than 100000 bytes");
});

test("S21 one layer only: a gzip in a gzip stays packed, and a list of encodings is refused", async () => {
  const inner = gzipSync("hello");
  expect(Buffer.compare(await decompress(gzipSync(inner), "gzip"), inner)).toBe(0);
  expect((await failure(gzipSync(inner), "gzip, gzip")).sentence).toContain('content encoding "gzip, gzip"');
});

test.each([
  ["br", brotliCompressSync(Buffer.alloc(1_000))],
  ["deflate", deflateSync("x")],
  ["zip", Buffer.from("PK")],
  ["__proto__", Buffer.from("x")],
])("S21 the encoding %s is not on the list and never guessed at", async (encoding, body) => {
  expect((await failure(body, encoding)).context).toEqual({ contentEncoding: encoding });
});

test.each([
  ["nothing", Buffer.alloc(0)],
  ["plain JSON", Buffer.from("{}")],
  ["a cut body", gzipSync("hello world".repeat(100)).subarray(0, 40)],
  ["a wrong checksum", Buffer.concat([gzipSync("hello").subarray(0, -8), Buffer.alloc(8)])],
])("S21 %s is not valid gzip", async (_name, body) => {
  expect((await failure(body, "gzip")).sentence).toBe("the body is not valid gzip");
});

test("S21 random bytes behind a gzip header never hang or throw anything else", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
      const body = Buffer.concat([gzipSync("x").subarray(0, 10), bytes]);
      expect(await failure(body, "gzip")).toBeInstanceOf(DeliveryError);
    }),
    { numRuns: 50 },
  );
});
