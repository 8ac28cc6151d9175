import { describe, expect, test } from "vitest";
import { Failure } from "../failure.ts";
import { choice, count, duration, list, rate, text, toggle } from "./flag.ts";
import { resolveSettings } from "./resolve-settings.ts";

const flags = {
  url: list("Where", { default: ["amqp://localhost"], lastEnv: ["AMQP_URL", "RABBITMQ_URL"] }),
  "max-in-flight": count("Window", { default: 256 }),
  timeout: duration("End"),
  rate: rate("Rate"),
  output: choice("Output", ["text", "json"], { default: "text" }),
  mandatory: toggle("Mandatory", { default: true }),
  queue: text("Queue"),
};

describe("resolveSettings", () => {
  test("a flag wins over its variable, the variable over the last ones, those over the default", () => {
    const url = (written: object, env: Record<string, string>) => {
      const { settings, sources } = resolveSettings(flags, { ...written }, env);
      return [settings.url[0], sources.url];
    };
    expect(url({ url: ["amqp://flag"] }, { WARREN_URL: "amqp://env" })).toEqual(["amqp://flag", "flag"]);
    expect(url({}, { WARREN_URL: "amqp://env", AMQP_URL: "amqp://last" })).toEqual([
      "amqp://env",
      "env WARREN_URL",
    ]);
    expect(url({}, { AMQP_URL: "amqp://a", RABBITMQ_URL: "amqp://r" })).toEqual(["amqp://a", "env AMQP_URL"]);
    expect(url({}, { AMQP_URL: "", RABBITMQ_URL: "amqp://r" })).toEqual(["amqp://r", "env RABBITMQ_URL"]);
    expect(url({}, {})).toEqual(["amqp://localhost", "default"]);
  });

  test("each setting is decided for itself, and read in the same way from both places", () => {
    const env = {
      WARREN_MAX_IN_FLIGHT: "8",
      WARREN_RATE: "30/m",
      WARREN_MANDATORY: "no",
      WARREN_QUEUE: "007",
    };
    const { settings } = resolveSettings(flags, { timeout: "10s", output: "json" }, env);
    expect(settings).toEqual({
      url: ["amqp://localhost"],
      "max-in-flight": 8,
      timeout: 10_000,
      rate: 0.5,
      output: "json",
      mandatory: false,
      queue: "007",
    });
  });

  test("every problem is told at once, by the name under which the value was given", () => {
    const wrong = () =>
      resolveSettings(
        flags,
        { timeout: "soon", output: "jsn" },
        { WARREN_MAX_IN_FLIGHT: "0", WARREN_MANDATORY: "perhaps" },
      );
    expect(wrong).toThrow(Failure);
    expect(wrong).toThrow(
      [
        'WARREN_MAX_IN_FLIGHT must be a whole number from 1, not "0"',
        '--timeout must be a time such as 500ms, 10s or 1m, not "soon"',
        '--output must be one of text, json, not "jsn". Did you mean "json"?',
        'WARREN_MANDATORY must be true or false, not "perhaps"',
      ].join("\n"),
    );
  });

  test("a value that is written twice is the last one; a list keeps all, one a line in the environment", () => {
    expect(resolveSettings(flags, { queue: ["a", "b"] }, {}).settings.queue).toBe("b");
    expect(resolveSettings(flags, {}, { WARREN_URL: "amqp://a\namqp://b" }).settings.url).toEqual([
      "amqp://a",
      "amqp://b",
    ]);
  });
});
