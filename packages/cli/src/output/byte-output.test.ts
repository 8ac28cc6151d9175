import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { ByteOutput, OutputClosed } from "./byte-output.ts";

function sink(fail?: (calls: number) => string | undefined): { stream: Writable; writes: string[] } {
  const writes: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      const code = fail?.(writes.length);
      if (code === undefined) writes.push(chunk.toString());
      done(code === undefined ? null : Object.assign(new Error(code), { code, syscall: "write" }));
    },
  });
  return { stream, writes };
}

test("what is written in one turn goes out together and in order", async () => {
  const { stream, writes } = sink();
  const output = new ByteOutput(stream);
  await Promise.all(["a", "b", "c"].map((text) => output.write(Buffer.from(text))));
  await output.write(Buffer.from("d"));
  expect(writes).toEqual(["abc", "d"]);
});

test("a reader that went away rejects this and every later write, and aborts `closed`", async () => {
  const { stream } = sink((calls) => (calls >= 1 ? "EPIPE" : undefined));
  const output = new ByteOutput(stream);
  await output.write(Buffer.from("a"));
  await expect(output.write(Buffer.from("b"))).rejects.toBeInstanceOf(OutputClosed);
  await expect(output.write(Buffer.from("c"))).rejects.toBeInstanceOf(OutputClosed);
  expect(output.closed.aborted).toBe(true);
});

test("a full disk is an I/O error of the table", async () => {
  const output = new ByteOutput(sink(() => "ENOSPC").stream);
  await expect(output.write(Buffer.from("a"))).rejects.toMatchObject({
    exit: 74,
    message: "cannot write the output: ENOSPC",
  });
});
