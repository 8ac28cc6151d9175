import { expect, test } from "vitest";
import type { BrokerAddress } from "../uri.ts";
import { type CredentialsSource, Login } from "./login.ts";

const address: BrokerAddress = { tls: false, host: "localhost", port: 5672, vhost: "/" };

function login(source?: CredentialsSource): Login {
  return new Login(source, new Map(), {});
}

test("credentials become a PLAIN response", async () => {
  const sasl = await login({ username: "user", password: "p\u00e4ss" }).sasl(address);
  expect(sasl.mechanism).toBe("PLAIN");
  expect(sasl.response()).toEqual(Buffer.from("\0user\0p\u00e4ss"));
});

test("the credentials of the URL are used for its host only, guest where it has none", async () => {
  const other = { ...address, host: "other" };
  const ofAddress = new Map([[address, { username: "user", password: "pass" }]]);
  const both = new Login(undefined, ofAddress, {});
  expect(String((await both.sasl(address)).response())).toBe("\0user\0pass");
  expect(String((await both.sasl(other)).response())).toBe("\0guest\0guest");
});

test("a token is sent as the password, and its end is told", async () => {
  const expiresAt = new Date("2030-01-01");
  const sasl = await login(() => ({ token: "jwt", expiresAt })).sasl(address);
  expect(String(sasl.response())).toBe("\0\0jwt");
  expect(sasl.expiresAt).toBe(expiresAt);
});

test("[B34] a provider is asked for each attempt", async () => {
  let asked = 0;
  const rotating = login(() => Promise.resolve({ username: "user", password: `pass-${++asked}` }));
  await rotating.sasl(address);
  expect(String((await rotating.sasl(address)).response())).toBe("\0user\0pass-2");
});

test(`"external" says nothing: the certificate does`, async () => {
  const sasl = await login("external").sasl(address);
  expect(sasl.mechanism).toBe("EXTERNAL");
  expect(sasl.response()).toHaveLength(0);
});

test("a provider that rejects is CREDENTIALS_FAILED with its error as the cause", async () => {
  const cause = new Error("vault is sealed");
  await expect(login(() => Promise.reject(cause)).sasl(address)).rejects.toMatchObject({
    code: "CREDENTIALS_FAILED",
    cause,
  });
});

test.each([undefined, {}, { username: "u" }, { token: 1 }, { token: "t", expiresAt: 5 }])(
  "a provider that gives %j is CREDENTIALS_FAILED",
  async (answer) => {
    await expect(login(() => answer as never).sasl(address)).rejects.toMatchObject({
      code: "CREDENTIALS_FAILED",
    });
  },
);
