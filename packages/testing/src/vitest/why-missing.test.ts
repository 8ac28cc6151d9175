import { afterEach, expect, test, vi } from "vitest";
import { LaunchError } from "../launch-error.ts";
import { whyMissing, whyNoRabbitMq } from "./why-missing.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

const missing = (): Promise<never> => Promise.reject(new LaunchError("It is not installed."));

test("what cannot be had is a reason to skip, and an error where a real one is asked for", async () => {
  await expect(whyMissing(missing, { requireReal: false })).resolves.toBe("It is not installed.");
  await expect(whyMissing(missing, { requireReal: true })).rejects.toThrow(LaunchError);
  await expect(whyMissing(() => Promise.resolve(), { requireReal: false })).resolves.toBeUndefined();
});

test("an error of another kind is no reason to skip", async () => {
  const broken = (): Promise<never> => Promise.reject(new TypeError("a bug"));
  await expect(whyMissing(broken, { requireReal: false })).rejects.toThrow(TypeError);
});

test("where only the embedded broker is asked for, no RabbitMQ is started", async () => {
  vi.stubEnv("WARREN_REQUIRE_REAL", "");
  vi.stubEnv("WARREN_BROKER", "embedded");
  await expect(whyNoRabbitMq("installed")).resolves.toContain("WARREN_BROKER=embedded");
});
