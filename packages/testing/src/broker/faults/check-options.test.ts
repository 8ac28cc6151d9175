import { expect, test } from "vitest";
import { faultScene } from "./faults.test-support.ts";

const scene = faultScene();

test.each([
  [{ evry: 10 }, /^faults.dropConfirms: there is no option "evry", but "vhost", "user", .* or "seed"$/],
  [{ every: 0 }, "faults.dropConfirms: every must be a whole number from 1 on"],
  [{ times: 1.5 }, "times must be a whole number from 1 on"],
  [{ probability: 2 }, "probability must be between 0 and 1"],
  [{ seed: -1 }, "seed must be a whole number from 0 on"],
  [{ exchange: 7 }, "exchange must be a text"],
  [{ when: true }, "when must be a function"],
  [{ every: "10", times: 0 }, "every must be a whole number from 1 on; times must be"],
])("dropConfirms(%j) says what is wrong with it", (options, problem) => {
  expect(() => scene.broker.faults.dropConfirms(options as object)).toThrow(RangeError);
  expect(() => scene.broker.faults.dropConfirms(options as object)).toThrow(problem);
});

test("an option that is undefined is left out, unless it is needed", () => {
  const { faults } = scene.broker;
  expect(() => faults.dropConfirms({ every: undefined } as object)).not.toThrow();
  expect(() => faults.delayConfirms({} as { delayMs: number })).toThrow(
    "faults.delayConfirms: delayMs must be a number of milliseconds",
  );
});

test("every fault looks at its options", () => {
  const { faults } = scene.broker;
  const wrong = { evry: 10, replyCode: 406, delayMs: 1 };
  const named = Object.entries(faults).filter(([name]) => name !== "clear" && name !== "freeze");
  expect(named).toHaveLength(16);
  for (const [name, set] of named as [string, (options: object) => unknown][])
    expect(() => set(wrong), name).toThrow(`faults.${name}: there is no option "evry"`);
});

test.each([
  [
    "a reply code that there is not",
    (): unknown => close({ replyCode: 599 }),
    /one of the reply codes 311, /,
  ],
  ["no reply code", () => close({}), /replyCode must be one of/],
  [
    "those who neither consume nor publish",
    () => close({ replyCode: 320, of: "all" }),
    /"consumers" or "publ/,
  ],
  [
    "a text without a code",
    () => scene.broker.faults.refusePublishes({ text: "no" }),
    "text is said with a replyCode only",
  ],
  [
    "two ways to split",
    () => scene.broker.faults.splitFrames({ atByte: 1, pieceBytes: 1 }),
    "pieceBytes and atByte exclude each other",
  ],
])("%s is refused", (_, act, problem) => {
  expect(act).toThrow(problem);
});

function close(options: object): unknown {
  return scene.broker.faults.closeConnections(options as { replyCode: 320 });
}
