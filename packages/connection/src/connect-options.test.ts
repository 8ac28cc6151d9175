import { inspect } from "node:util";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigError } from "@warren/message";
import { resolveConnectOptions } from "./connect-options.ts";

/** What it resolves to, or what it throws. */
function outcome(urls: string, options: object): unknown {
  try {
    return resolveConnectOptions(urls, options);
  } catch (error) {
    return error;
  }
}

function problem(urls: string | readonly string[], options: object = {}): ConfigError {
  try {
    resolveConnectOptions(urls, options);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("resolveConnectOptions", () => {
  test("fills in the defaults and takes the URL's query, which an option overrules", () => {
    const { heartbeatSeconds, frameMax, declare, name } = resolveConnectOptions(
      "amqp://localhost?heartbeat=9&frame_max=9000",
      { frameMax: 8192 },
    );
    expect({ heartbeatSeconds, frameMax, declare, name }).toEqual({
      heartbeatSeconds: 9,
      frameMax: 8192,
      declare: "create",
      name: "warren",
    });
  });

  test.each([undefined, null, "", [], [undefined], ["amqp://localhost", ""]])(
    "asks whether the variable is set when the URL is %j",
    (urls) => {
      const error = problem(urls as string);
      expect(error.code).toBe("INVALID_URL");
      expect(error.message).toContain("is the variable set?");
    },
  );

  test.each<[reconnect: unknown, ...problems: string[]]>([
    [
      { baseMS: 1, maxMs: "30s" },
      'connect: reconnect: unknown option "baseMS". Did you mean "baseMs"?',
      'connect: reconnect.maxMs must be a whole number from 1 to 2147483647, not "30s"',
      "connect: reconnect.baseMs is missing",
    ],
    [{ baseMs: 9, maxMs: 5 }, "connect: reconnect must have a baseMs (9) up to its maxMs (5)"],
    [5, "connect: reconnect must be { baseMs, maxMs }, not 5"],
  ])("tells what is wrong inside reconnect %j", (reconnect, ...problems) => {
    expect(problem("amqp://localhost", { reconnect }).problems).toEqual(problems);
  });

  test("tells every wrong option at once, with a suggestion", () => {
    const error = problem("amqp://localhost", {
      hartbeatSeconds: 5,
      frameMax: 4096,
      reconnect: { baseMs: 10, maxMs: 1 },
      signal: "now",
    });
    expect(error.code).toBe("INVALID_OPTION");
    expect(error.problems).toHaveLength(4);
    expect(error.message).toContain(`unknown option "hartbeatSeconds". Did you mean "heartbeatSeconds"?`);
  });

  test("refuses URLs that disagree on the query", () => {
    expect(problem(["amqp://localhost?heartbeat=5", "amqp://localhost?heartbeat=6"]).code).toBe(
      "INVALID_URL",
    );
    expect(problem([]).code).toBe("INVALID_URL");
  });

  test("checks the frame size of a URL like that of an option", () => {
    expect(problem("amqp://localhost?frame_max=100").message).toContain("frameMax must be");
  });

  test(`refuses "external" without a client certificate, and without TLS`, () => {
    expect(problem("amqp://localhost", { credentials: "external" }).problems).toEqual([
      `connect: credentials "external" needs tls: { cert, key }`,
      `connect: credentials "external" needs amqps:// URLs`,
    ]);
  });

  test.each([[{}], [{ username: "u" }], [{ token: 5 }], ["guest"], [null]])(
    "refuses the credentials %j without repeating them",
    (credentials) => {
      expect(problem("amqp://localhost", { credentials }).message).toContain("credentials must be");
    },
  );

  test("S1: no user is an error off this machine, never a silent guest", () => {
    const error = problem("amqps://broker.example.com");
    expect(error.code).toBe("INSECURE_CONNECTION");
    expect(error.message).toContain("no user for broker.example.com:5671");
    expect(() => resolveConnectOptions("amqp://localhost")).not.toThrow();
    expect(() =>
      resolveConnectOptions("amqps://broker.example.com", { credentials: { username: "u", password: "p" } }),
    ).not.toThrow();
  });

  test("S2: a password in clear text off this machine has to be asked for by name", () => {
    const error = problem(["amqp://localhost", "amqp://user:canary@broker.example.com"]);
    expect(error.code).toBe("INSECURE_CONNECTION");
    expect(error.message).toContain("allowInsecure: true");
    expect(error.message).not.toContain("canary");
    expect(() =>
      resolveConnectOptions("amqp://u:p@broker.example.com", { allowInsecure: true }),
    ).not.toThrow();
  });

  test("S3: there is no option that switches the check of certificates off", () => {
    const error = problem("amqps://localhost", { tls: { rejectUnauthorized: false } });
    expect(error.message).toContain(`unknown option "rejectUnauthorized"`);
  });

  test("S5: no inspection of the resolved options shows a secret", async () => {
    const resolved = resolveConnectOptions("amqps://user:canary-1@localhost", {
      credentials: { username: "user", password: "canary-2" },
      tls: { passphrase: "canary-3", key: "-----BEGIN canary-4", cert: "-----BEGIN x" },
    });
    const login = await resolved.login.sasl(resolved.addresses[0]!);
    for (const text of [
      inspect(resolved, { depth: null, showHidden: true, getters: true }),
      inspect(login, { depth: null, showHidden: true }),
      JSON.stringify(resolved),
    ])
      expect(text).not.toContain("canary");
  });

  test("S6: a secret never appears, wherever it stands and whatever else is wrong", () => {
    const secret = fc.stringMatching(/^[a-zA-Z0-9]{12,20}$/);
    const place = fc.constantFrom("user", "password", "token", "passphrase", "key", "cert", "mixed up");
    const fault = fc.constantFrom("none", "option", "host", "query", "scheme", "path");
    fc.assert(
      fc.property(secret, place, fault, (canary, where, wrong) => {
        const urls: Readonly<Record<string, string>> = {
          none: `amqps://user:${canary}@localhost`,
          option: `amqps://user:${canary}@localhost`,
          host: `amqp://user:${canary}@broker.example.com`,
          query: `amqps://user:${canary}@localhost?heartbeat=x&colour=blue`,
          scheme: `http://user:${canary}@localhost`,
          path: `amqps://user:${canary}@localhost/a/b`,
        };
        const options: Readonly<Record<string, object>> = {
          user: { credentials: { username: canary } },
          password: { credentials: { username: "user", password: canary } },
          token: { credentials: { token: canary } },
          passphrase: { tls: { passphrase: canary } },
          key: { tls: { key: canary } },
          cert: { tls: { cert: canary, keyFile: 5 } },
          "mixed up": { credentials: canary },
        };
        const shown = inspect(
          outcome(urls[wrong]!, { ...options[where], ...(wrong === "option" ? { nam: 1 } : {}) }),
          {
            depth: null,
            showHidden: true,
            getters: true,
          },
        );
        expect(shown).not.toContain(canary);
      }),
    );
  });

  test("S5: a wrong key or passphrase is refused without being shown", () => {
    const error = problem("amqps://localhost", { tls: { key: "canary-key", passphrase: 12_345 } });
    expect(error.message).toContain("key must be PEM text");
    expect(error.message).toContain("passphrase must be a text");
    expect(error.message).not.toMatch(/canary|12345/);
  });
});
