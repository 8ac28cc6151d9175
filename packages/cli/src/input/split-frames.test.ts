import { describe, expect, test } from "vitest";
import { type Framing, splitFrames } from "./split-frames.ts";

async function framesOf(chunks: readonly (string | Buffer)[], framing: Framing): Promise<string[]> {
  const frames: string[] = [];
  for await (const frame of splitFrames(stream(chunks), framing)) frames.push(frame.toString("latin1"));
  return frames;
}

async function* stream(chunks: readonly (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield Buffer.from(chunk as string, "latin1");
}

describe("splitFrames", () => {
  test("lines keep their CR, their NULs and their emptiness", async () => {
    expect(await framesOf(["a\r\n\n\0b\n"], "lines")).toEqual(["a\r", "", "\0b"]);
  });

  test("what follows the last separator is a message unless it is empty", async () => {
    expect(await framesOf(["a\nb"], "lines")).toEqual(["a", "b"]);
    expect(await framesOf(["a\nb\n"], "lines")).toEqual(["a", "b"]);
    expect(await framesOf([], "lines")).toEqual([]);
  });

  test("NUL separates messages that hold line breaks", async () => {
    expect(await framesOf(["a\nb\0c\0"], "null")).toEqual(["a\nb", "c"]);
  });

  test("whole is one message, also when it is empty or comes in pieces", async () => {
    expect(await framesOf(["a\nb", "\0c\n"], "whole")).toEqual(["a\nb\0c\n"]);
    expect(await framesOf([], "whole")).toEqual([""]);
  });

  test("a line of a mebibyte in small chunks comes out in one piece", async () => {
    const chunks = Array.from({ length: 1024 }, (_, i) => Buffer.alloc(1024, i % 9));
    const [line, ...rest] = await framesOf([...chunks, "\nnext"], "lines").catch(() => []);
    expect(line).toHaveLength(1024 * 1024);
    expect(rest).toEqual(["next"]);
  });

  test("where the chunks are cut makes no difference", async () => {
    // Every split of a text that has each separator first, last, doubled and beside the other one.
    const text = "\n\0a\n\nb\r\n\0\0c\n";
    for (const framing of ["lines", "null"] as const) {
      const expected = text.split(framing === "lines" ? "\n" : "\0");
      if (expected.at(-1) === "") expected.pop();
      for (let cuts = 0; cuts < 2 ** (text.length - 1); cuts++) {
        const marked = text
          .split("")
          .map((character, i) => (cuts & (1 << i) ? `${character}|` : character))
          .join("");
        expect(await framesOf(marked.split("|"), framing)).toEqual(expected);
      }
    }
  });

  test("nothing is read ahead: a stream that never ends gives its first line", async () => {
    let chunksRead = 0;
    async function* endless(): AsyncGenerator<Buffer> {
      for (;;) {
        chunksRead++;
        yield Buffer.from("line\n");
      }
    }
    for await (const line of splitFrames(endless(), "lines")) {
      expect(line.toString()).toBe("line");
      break;
    }
    expect(chunksRead).toBe(1);
  });
});
