import { errorCodes } from "@warren/message";
import { expect, test } from "vitest";
import { read, sources } from "./repository.ts";

test("every error code is used by some package", () => {
  const code = sources()
    .filter((path) => path !== "packages/message/src/error-codes.ts")
    .map((path) => read(path))
    .join("\n");
  expect(errorCodes.filter((each) => !code.includes(`"${each}"`))).toEqual([]);
});
