import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { Log, type LogOptions } from "./log.ts";

function logOf(options: Partial<LogOptions> & { readonly tty?: boolean } = {}): {
  log: Log;
  text: () => string;
} {
  const stderr = Object.assign(new PassThrough(), { isTTY: options.tty ?? false });
  const log = new Log({ level: 0, format: "text", now: () => new Date(0), ...options, stderr });
  return { log, text: () => String(stderr.read() ?? "") };
}

test("-q leaves the errors, -v adds what happens", () => {
  const all = (level: number) => {
    const { log, text } = logOf({ level });
    log.error("e");
    log.warn("w");
    log.summary("s");
    log.info("i");
    return text();
  };
  expect(all(-1)).toBe("warren: e\n");
  expect(all(0)).toBe("warren: e\nwarren: w\ns\n");
  expect(all(1)).toBe("warren: e\nwarren: w\ns\ni\n");
});

test("S5, S7: no secret and no escape sequence is shown", () => {
  const { log, text } = logOf();
  log.hide("hunter2");
  log.warn("amqp://me:pw@host hunter2 \u001b[2J");
  expect(text()).toBe("warren: amqp://me:***@host *** \\e[2J\n");
});

test("as JSON every line is an object", () => {
  const { log, text } = logOf({ format: "json" });
  log.warn("two\nlines");
  expect(JSON.parse(text())).toEqual({ time: "1970-01-01T00:00:00.000Z", level: "warn", text: "two\nlines" });
});

test("progress is shown on a terminal only, and makes way for a line", () => {
  const off = logOf();
  off.log.progress(() => "50 %");
  expect(off.text()).toBe("");
  const on = logOf({ tty: true });
  on.log.progress(() => "50 %");
  on.log.progress(() => "51 %");
  on.log.summary("done");
  expect(on.text()).toBe("\r50 %\u001b[K\r\u001b[Kdone\n");
});
