import { expect, test } from "vitest";
import { bodyProblem } from "./body-problem.ts";

test.each([
  ["secret", "a text"],
  [{ secret: 1 }, "an object"],
  [["secret"], "an array"],
  [undefined, "undefined"],
  [5, "5"],
])("what is no body is told by its kind and with the way out, never by its content: %j", (body, kind) => {
  const problem = bodyProblem(body);
  expect(problem).toContain(`the body is ${kind}, not a Uint8Array: give Buffer.from(text)`);
  expect(problem).toContain("defineMessage");
  expect(problem).not.toContain("secret");
});

test("a Uint8Array and a Buffer are bodies", () => {
  expect(bodyProblem(new Uint8Array())).toBeUndefined();
  expect(bodyProblem(Buffer.alloc(0))).toBeUndefined();
});
