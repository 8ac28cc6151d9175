import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commands } from "./cli.ts";
import { cli } from "./cli.test-support.ts";
import { writableFlagsOf } from "./command-line.ts";

describe("the command line", () => {
  test.each([
    [[], 64, /say what to do/],
    [["publsh"], 64, /there is no command "publsh". Did you mean "publish"\?\nwarren --help/],
    [["publish", "--lins"], 64, /unknown option --lins. Did you mean "--lines"\?\nwarren publish --help/],
    [["publish", "-Q", "q", "a", "b"], 64, /too many arguments: b/],
    [["publish", "-Q"], 64, /not enough arguments following: Q/],
    [
      ["publish", "-Q", "q", "--rate", "fast", "--max-in-flight", "0"],
      64,
      /--rate must be .*\n--max-in-flight must be/,
    ],
    [["publish", "x"], 64, /say where to: --queue NAME/],
    [["publish", "-Q", "q", "-e", "e", "x"], 64, /either --queue, or --exchange/],
    [["publish", "-Q", "q", "-l", "-0"], 64, /either --lines or --null/],
    [["publish", "-Q", "q", "x", "-f", "y"], 64, /either a body or --file/],
    [
      ["publish", "-Q", "q", "x", "-H", "a:itn=1", "-p", "b=1"],
      64,
      /--property "b" is no property.*\n--header a: "itn" is no type/,
    ],
    [["publish", "-Q", "q", "--password-stdin"], 64, /cannot be the password and the message/],
    [
      ["publish", "-Q", "q", "x", "--failed-to", "/no/such/folder/f"],
      74,
      /cannot write \/no\/such\/folder\/f: ENOENT$/m,
    ],
    [["publish", "-Q", "q", "-f", "/"], 74, /cannot read \/: it is a directory/],
    [
      ["publish", "-Q", "q", "-f", "-", "--password-stdin"],
      64,
      /stdin cannot be the password and the message/,
    ],
    [["publish", "-Q", "q", "a\ufffdb"], 64, /argument 4 holds bytes that are no UTF-8.*\n.*stdin or --file/],
    [["publish", "-Q", "q", "x", "--confirm-timeout", "0"], 64, /--confirm-timeout must be a time/],
    [["consume", "q", "--connect-timeout", "0"], 64, /--connect-timeout must be a time/],
    [["consume", "--bind", ":k"], 64, /--bind needs an exchange.*\n.*default exchange/],
    [["consume", "q", "--tls-ca", "/no/such"], 66, /^warren: no such file: \/no\/such\n$/],
    [["consume", "q".repeat(256)], 64, /"q{20}…" is longer than 255 bytes/],
    [["consume", "--bind", `e:${"ü".repeat(128)}`], 64, /"ü{20}…" is longer than 255 bytes/],
    [["publish", "-Q", "q", "-f", "/no/such"], 66, /^warren: no such file: \/no\/such\n$/],
    [["consume"], 64, /a queue, or --bind/],
    [["publish", "help"], 64, /say where to: --queue NAME/],
    [["help", "publsh"], 64, /there is no command "publsh". Did you mean "publish"\?/],
    [["completion"], 64, /say for which shell: bash, zsh, fish, powershell/],
    [["completion", "zhs"], 64, /no completion for "zhs", only .* Did you mean "zsh"\?/],
    [["completion", "bash", "--url", "amqp://x"], 64, /unknown option --url/],
    [["consume", "q", "--bind", "e:k"], 64, /either a queue or --bind/],
    [["consume", "q", "-0", "--no-newline"], 64, /either --null or --no-newline/],
    [["consume", "q", "--no-newline", "-o", "ndjson"], 64, /--no-newline says how a body ends: use it with/],
    [["consume", "q", "--format", "{bdy}"], 64, /--format \{bdy\} is not known. Did you mean "body"\?/],
    [["consume", "q", "--password", "secret"], 64, /unknown option --password/],
    [["consume", "q", "--auth", "oauth"], 64, /needs --token-file/],
    [["consume", "q", "--user", "u"], 64, /--user needs a password\nGive it as WARREN_PASSWORD/],
    [["consume", "q", "--user", "u", "--password-file", "/no/such"], 66, /no such file: \/no\/such/],
  ] as const)("%j exits with %i and says why", async (argv, exit, words) => {
    const told = await cli(argv);
    expect({ exit: told.exit, stdout: told.stdout.toString() }).toEqual({ exit, stdout: "" });
    expect(told.stderr).toMatch(words);
    expect(told.stderr).not.toMatch(/^\s+at /m);
  });

  test("a certificate that is none exits with 78 and names the options", async () => {
    const folder = await mkdtemp(join(tmpdir(), "warren-cli-"));
    const file = join(folder, "none.pem");
    await writeFile(file, "none", { mode: 0o600 });
    const argv = ["consume", "q", "--url", "amqps://127.0.0.1:1", "--tls-cert", file, "--tls-key", file];
    const { exit, stderr } = await cli(argv);
    await rm(folder, { recursive: true });
    expect(exit).toBe(78);
    expect(stderr).toMatch(
      /the certificates cannot be used .*\nThe options are --tls-ca, --tls-cert and --tls-key/,
    );
  });

  test("nothing to publish and a terminal is usage, not a wait", async () => {
    expect(await cli(["publish", "-Q", "q"], { tty: true })).toMatchObject({
      exit: 64,
      stderr: expect.stringContaining("nothing to publish"),
    });
  });

  test("an error is one JSON object when that is asked for", async () => {
    const { stderr, exit } = await cli(["publish", "x", "--json-errors"]);
    expect(exit).toBe(64);
    expect(JSON.parse(stderr)).toMatchInlineSnapshot(`
      {
        "code": "USAGE",
        "exit": 64,
        "message": "say where to: --queue NAME, or --exchange NAME --routing-key KEY",
      }
    `);
  });

  test("S7: a name that could act on a terminal is spelt out in an error", async () => {
    const { stderr } = await cli(["consume", "q", "--\u001b[2J"]);
    expect(stderr).toContain("unknown option --\\e[2J");
  });

  test("--help shows every option and example of a command, and ends with 0", async () => {
    for (const command of commands) {
      const { exit, stdout } = await cli([command.name, "--help"]);
      expect(exit).toBe(0);
      expect(stdout.toString().replaceAll(/\s+/g, " ")).toContain(command.argument);
      for (const [name, { choices = [] }] of Object.entries(writableFlagsOf(command))) {
        const [, told = ""] = new RegExp(`--${name} (.*?)\n +(?:-., )?--`, "s").exec(stdout.toString()) ?? [];
        for (const choice of choices) expect(`--${name}: ${told}`).toContain(choice);
        expect(stdout.toString()).toContain(`--${name}`);
      }
      for (const [example] of command.examples)
        expect(stdout.toString()).toContain(example.split(" ").slice(0, 4).join(" "));
    }
  });

  test("every example of every command can be parsed", async () => {
    for (const command of commands)
      for (const [example] of command.examples) {
        const words = [...example.split(/ (?:[<|]|>>?) /)[0]!.matchAll(/'([^']*)'|(\S+)/g)].map(
          ([, quoted, word]) => quoted ?? word!,
        );
        const { exit, stderr } = await cli([...words.slice(1), "--explain-config"]);
        expect({ example, exit, stderr }).toEqual({ example, exit: 0, stderr: "" });
      }
  });

  test("--explain-config shows where each setting comes from, and connects to nothing", async () => {
    const env = { WARREN_PREFETCH: "7", AMQP_URL: "amqp://me:canary@h", WARREN_PASSWORD: "canary" };
    const { exit, stdout } = await cli(["consume", "007", "-n", "3", "--explain-config"], { env });
    expect(exit).toBe(0);
    expect(stdout.toString()).toMatch(/^count +3 +flag$/m);
    expect(stdout.toString()).toMatch(/^prefetch +7 +env WARREN_PREFETCH$/m);
    expect(stdout.toString()).toMatch(/^url +amqp:\/\/me:\*\*\*@h +env AMQP_URL$/m);
    expect(stdout.toString()).toMatch(/^password +\*\*\* +env WARREN_PASSWORD$/m);
    expect(stdout.toString()).not.toContain("canary");
  });

  test("help shows what --help does, of one command or of all", async () => {
    for (const words of [[], ["publish"], ["help"]])
      expect((await cli(["help", ...words])).stdout).toEqual((await cli([...words, "--help"])).stdout);
  });

  test("help --json has every command with its effect and its options, and no secret among them", async () => {
    const { exit, stdout } = await cli(["help", "--json"]);
    expect(exit).toBe(0);
    const told = JSON.parse(stdout.toString());
    expect(told).toMatchObject({ v: 1, exitCodes: { 66: "queue, exchange or file not found" } });
    expect(told.commands.map(({ name, effect }: Record<string, unknown>) => [name, effect])).toEqual(
      commands.map(({ name, effect }) => [name, effect]),
    );
    const [{ options }] = told.commands;
    expect(options).toContainEqual({
      name: "max-in-flight",
      kind: "text",
      describe: "Messages that wait for their confirm, at most",
      placeholder: "N",
      default: 256,
      variable: "WARREN_MAX_IN_FLIGHT",
    });
    expect(options).toContainEqual(expect.objectContaining({ name: "input", choices: ["raw", "envelope"] }));
    expect(options.map(({ name }: { name: string }) => name)).not.toContain("password");
  });

  test("--version is the package's", async () => {
    expect((await cli(["--version"])).stdout.toString()).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
