import { expect, test } from "vitest";
import { count, list, text } from "./flag.ts";
import { explainConfig } from "./explain-config.ts";
import { resolveSettings } from "./resolve-settings.ts";

const flags = {
  url: list("Where", { lastEnv: ["AMQP_URL"] }),
  password: text("Secret", { secret: true }),
  queue: text("Queue"),
  prefetch: count("Prefetch", { default: 50 }),
};

test("S5: every setting is shown with its source, and no secret", () => {
  const env = { AMQP_URL: "amqps://me:canary-1@rabbit/%2f", WARREN_PASSWORD: "canary-2" };
  const explained = explainConfig(flags, resolveSettings(flags, { queue: "a\u001b[2J" }, env));
  expect(explained).toBe(
    [
      "url       amqps://me:***@rabbit/%2f  env AMQP_URL\n",
      "password  ***                        env WARREN_PASSWORD\n",
      "queue     a\\e[2J                     flag\n",
      "prefetch  50                         default\n",
    ].join(""),
  );
  expect(explained).not.toContain("canary");
});
