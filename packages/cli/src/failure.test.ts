import { BrokerError, ConnectionError, DeliveryError, errorCodes } from "@warren/message";
import { expect, test } from "vitest";
import { exitCodeOfError, exitCodes } from "./exit-code.ts";
import { Failure, reportOf } from "./failure.ts";

test("every code of every Warren error has an exit code of the table", () => {
  for (const code of errorCodes) expect(exitCodes).toHaveProperty(String(exitCodeOfError[code]));
  expect(Object.keys(exitCodeOfError)).toHaveLength(errorCodes.length);
});

test("an error of a command keeps its words, hint and cause", () => {
  const error = new Failure(65, "line 3 is no JSON", {
    hint: "Use --lines.",
    cause: new Error("Unexpected token"),
  });
  expect(reportOf(error)).toEqual({
    code: "BAD_INPUT",
    exit: 65,
    message: "line 3 is no JSON",
    hint: "Use --lines.",
    cause: "Unexpected token",
  });
});

test("a Warren error brings its code and sentence; a cause that repeats the sentence is left out", () => {
  const error = new ConnectionError("ACCESS_REFUSED", "the broker refused the login: nope", {
    cause: new Error("nope"),
  });
  expect(reportOf(error)).toEqual({
    code: "ACCESS_REFUSED",
    exit: 77,
    message: "the broker refused the login: nope",
    hint: "The user is in the URL or --user, the password in WARREN_PASSWORD or --password-file.",
  });
});

test("a failed consumer exits as the broker's answer inside it", () => {
  const cause = new BrokerError("BROKER_NOT_FOUND", "no queue 'x'", {
    replyCode: 404,
    replyText: "NOT_FOUND",
    scope: "channel",
  });
  expect(reportOf(new DeliveryError("CONSUMER_FAILED", "cannot consume", { cause })).exit).toBe(66);
});

test("a file that is not there is 66, any other trouble with files 74, anything unexpected 1", () => {
  const system = (code: string) => Object.assign(new Error(code), { code, syscall: "open", path: "/data" });
  expect(reportOf(system("ENOENT"))).toMatchObject({ exit: 66, message: "no such file: /data" });
  expect(reportOf(system("ENOSPC"))).toMatchObject({
    exit: 74,
    message: "cannot read or write /data: ENOSPC",
  });
  expect(reportOf(new TypeError("x is not a function"))).toMatchObject({ code: "INTERNAL", exit: 1 });
});
