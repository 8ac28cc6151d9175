import { useBroker } from "@warren/testing/vitest";
import { expect, test } from "vitest";
import { useQueue } from "./cli.test-support.ts";

const broker = useBroker();
const the = useQueue(broker);

test("ten thousand lines come out as they went in, to the byte, through publish and consume", async () => {
  const lines = Array.from({ length: 9_994 }, (_, i) => Buffer.from(`line ${i}`));
  lines.push(
    Buffer.from("crlf\r"),
    Buffer.alloc(0),
    Buffer.from("nul\0nul"),
    Buffer.alloc(1024 * 1024, "x"),
    Buffer.from([0xff, 0xfe, 0x80]),
    Buffer.from("ü"),
  );
  const input = Buffer.concat(lines.flatMap((line) => [line, Buffer.from("\n")]));
  const published = await the.warren(["publish", "-Q", the.queue, "--lines"], { stdin: input });
  expect(published.exit).toBe(0);
  const { exit, stdout } = await the.warren(["consume", the.queue, "-n", "10000"]);
  expect(exit).toBe(0);
  expect(stdout.equals(input)).toBe(true);
  expect(await the.ready()).toBe(0);
});

test("NUL framing carries line breaks", async () => {
  await the.warren(["publish", "-Q", the.queue, "--null"], { stdin: "a\nb\0\0c\0" });
  const { stdout } = await the.warren(["consume", the.queue, "-n", "3", "--null"]);
  expect(stdout.toString()).toBe("a\nb\0\0c\0");
});

test("an envelope goes round without a change", async () => {
  const line = {
    properties: {
      contentType: "x/y",
      correlationId: "007",
      expiration: "60000",
      messageId: "m",
      timestamp: "2026-01-31T12:00:00.000Z",
      deliveryMode: 1,
    },
    headers: {
      list: [1, "/wA="],
      table: { deep: { at: "1970-01-01T00:00:00.000Z" } },
      big: 9007199254740991,
    },
    headerTypes: { list: { "1": "bytes" }, table: { deep: { at: "timestamp" } } },
    body: "/w==",
    bodyEncoding: "base64",
  };
  const argv = ["publish", "-Q", the.queue, "--input", "envelope"];
  expect((await the.warren(argv, { stdin: JSON.stringify(line) })).exit).toBe(0);
  const first = (await the.warren(["consume", the.queue, "-n", "1", "-o", "ndjson"])).stdout;
  expect(JSON.parse(first.toString())).toMatchObject(line);
  await the.warren(argv, { stdin: first });
  const second = (await the.warren(["consume", the.queue, "-n", "1", "-o", "ndjson"])).stdout;
  const { receivedAt: _a, ...once } = JSON.parse(first.toString());
  const { receivedAt: _b, ...twice } = JSON.parse(second.toString());
  expect(twice).toEqual(once);
});
