import { expect, test } from "vitest";
import { commands } from "../cli.ts";
import { shell } from "../cli.test-support.ts";
import { completionsOf } from "./completions-of.ts";

test.each([
  [[""], ["publish", "consume", "completion", "help"]],
  [["con"], ["consume"]],
  [["--v"], ["--version"]],
  [
    ["publish", "--max"],
    ["--max-in-flight", "--max-reconnect-time"],
  ],
  [
    ["publish", "-Q", "consume", "--pa"],
    ["--password-file", "--password-stdin", "--partial-ok"],
  ],
  [["publish", "--no"], ["--no-mandatory"]],
  [
    ["publish", "--he"],
    ["--help", "--header", "--heartbeat"],
  ],
  [
    ["consume", "--ack", ""],
    ["after-output", "auto", "none"],
  ],
  [
    ["consume", "jobs", "--ack", "a"],
    ["after-output", "auto"],
  ],
  [["consume", "--ack=n"], ["--ack=none"]],
  [["consume", "--ack", "=", "n"], ["none"]],
  [
    ["consume", "--ack", "="],
    ["after-output", "auto", "none"],
  ],
  [["consume", "-o", "r"], ["raw"]],
  [["completion", "z"], ["zsh"]],
  [["help", "p"], ["publish"]],
  [["completion", "--url"], []],
  // A queue, a file, a second argument: nothing that warren knows.
  [["consume", ""], []],
  [["publish", "--file", ""], []],
  [["completion", "bash", ""], []],
  [
    ["publsh", ""],
    ["publish", "consume", "completion", "help"],
  ],
] as const)("%j becomes %j", (words, found) => {
  expect(completionsOf(words, commands).toSorted()).toEqual([...found].toSorted());
});

test("no password is offered as an option", () => {
  const offered = completionsOf(["publish", "--"], commands);
  for (const secret of ["--password", "--token"]) expect(offered).not.toContain(secret);
});

test("bash completes commands, options and choices by the script that it is given, and no broker is asked", async () => {
  const script = `eval "$(warren completion bash)"
    complete_words() { COMP_WORDS=(warren "$@"); COMP_CWORD=$#; _warren; echo "\${COMPREPLY[*]}"; }
    complete_words pub
    complete_words consume --ack n
    complete_words consume jobs --until
    complete -p warren`;
  const { stdout, stderr } = await shell(script, { AMQP_URL: "amqp://127.0.0.1:1" });
  expect(stderr).toBe("");
  expect(stdout.toString()).toBe("publish\nnone\n--until-empty\ncomplete -o default -F _warren warren\n");
}, 60_000);
