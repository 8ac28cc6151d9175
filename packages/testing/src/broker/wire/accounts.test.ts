import { expect, test } from "vitest";
import { versionRules } from "../version.ts";
import { Accounts } from "./accounts.ts";

test("an account has no right in a virtual host that it may not enter, although an administrator gets there by HTTP", () => {
  const accounts = new Accounts({ ann: { password: "secret", vhosts: ["hers"] } }, versionRules["3.10"]);
  expect(() => accounts.permissions("ann", "hers").check("write", "exchange", "")).not.toThrow();
  for (const right of ["configure", "write", "read"] as const)
    expect(() => accounts.permissions("ann", "/").check(right, "queue", "orders")).toThrow("ACCESS_REFUSED");
  expect(() => accounts.permissions("ann", "/").check("write", "exchange", "")).toThrow("ACCESS_REFUSED");
});
