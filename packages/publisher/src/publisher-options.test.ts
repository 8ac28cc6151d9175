import { ConfigError } from "@warren/message";
import { expect, test } from "vitest";
import { resolvePublisherOptions } from "./publisher-options.ts";

test("the defaults are those that the doc comments state", () => {
  expect(resolvePublisherOptions()).toMatchObject({
    name: "publish",
    maxInFlight: 1_024,
    maxWaiting: 10_000,
    maxBufferBytes: 67_108_864,
    whenFull: "wait",
    confirmTimeoutMs: 30_000,
    deliveryTimeoutMs: 120_000,
    maxBodyBytes: 16_777_216,
    validate: true,
    requestTimeoutMs: 30_000,
  });
});

test("every problem with the options is told at once, misspelt names with a suggestion", () => {
  const wrong = {
    maxInflight: 5,
    whenFull: "drop",
    confirmTimeoutMs: 0,
    compress: { overBytes: 1, level: 9 },
  };
  let error: unknown;
  try {
    resolvePublisherOptions(wrong as never);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(ConfigError);
  const { problems } = error as ConfigError;
  expect(problems).toHaveLength(4);
  expect(problems.join("\n")).toMatch(/maxInflight.*maxInFlight/);
  expect(problems.join("\n")).toMatch(/whenFull.*"drop"/);
  expect(problems.join("\n")).toMatch(/compress.*level/);
});

test("what is wrong inside compress is told by its name", () => {
  const compress = { overByte: 1, encoding: "br" };
  expect(() => resolvePublisherOptions({ compress: compress as never })).toThrow(
    expect.objectContaining({
      problems: [
        'createPublisher: compress: unknown option "overByte". Did you mean "overBytes"?',
        'createPublisher: compress.encoding must be "gzip", not "br"',
        "createPublisher: compress.overBytes is missing",
      ],
    }),
  );
});

test("compress needs a size to begin at", () => {
  expect(() => resolvePublisherOptions({ compress: {} as never })).toThrow("overBytes");
});
