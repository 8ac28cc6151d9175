import { describe, expect, test } from "vitest";
import { parseBenchOptions } from "./bench-options.ts";

const names = (...args: string[]): string[] =>
  parseBenchOptions(args, {}).scenarios.map((scenario) => scenario.name);

describe("--only", () => {
  test("left out means everything", () => {
    expect(names().length).toBeGreaterThan(10);
  });
  test("with a scenario's whole name means that one, even where others begin with it", () => {
    expect(names("--only", "publish-100b")).toEqual(["publish-100b"]);
  });
  test("with a prefix means all that begin with it, each once", () => {
    expect(names("--only", "consume", "--only", "consume-classic")).toEqual([
      "consume-classic",
      "consume-classic-slow",
      "consume-quorum",
      "consume-quorum-slow",
    ]);
  });
  test("with a name that fits nothing is refused", () => {
    expect(() => names("--only", "publsh")).toThrow('there is no scenario "publsh"');
  });
});

describe("parseBenchOptions", () => {
  test("takes the broker from AMQP_URL unless --url names one", () => {
    const env = { AMQP_URL: "amqp://there" };
    expect(parseBenchOptions([], env).url).toBe("amqp://there");
    expect(parseBenchOptions(["--url", "amqp://here"], env).url).toBe("amqp://here");
  });
  test("always keeps the reference, without which there are no ratios", () => {
    expect(parseBenchOptions(["--contender", "raw"], {}).contenders).toEqual(["amqplib", "raw"]);
  });
  test("scales the warm-up with --messages", () => {
    const [scenario] = parseBenchOptions(["--messages", "100", "--only", "latency"], {}).scenarios;
    expect(scenario).toMatchObject({ messages: 100, warmUp: 50 });
  });
  test("refuses a number that is none", () => {
    expect(() => parseBenchOptions(["--rounds", "many"], {})).toThrow('--rounds: "many"');
    expect(() => parseBenchOptions(["--rounds", "0"], {})).toThrow("--rounds");
  });
});
