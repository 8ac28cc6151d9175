import { parseArgs } from "node:util";
import { contenders } from "./contenders/registry.ts";
import { overload, type OverloadScenario, scenarios, type Scenario } from "./scenarios.ts";

export interface BenchOptions {
  readonly url: string;
  readonly scenarios: readonly Scenario[];
  /** Undefined when `--only` leaves it out. */
  readonly overload: OverloadScenario | undefined;
  readonly contenders: readonly string[];
  readonly rounds: number;
  readonly seed: number;
  readonly jsonFile: string | undefined;
  readonly help: boolean;
}

export const usage = `pnpm bench [options]

  --only NAME          a scenario, or a prefix of several such as "publish"; may be repeated
  --contender NAME     may be repeated; the reference (amqplib) always runs   [all]
  --rounds N           every contender once a round                           [9]
  --messages N         measured in each run, instead of the scenario's own number
  --seconds N          of the overload                                        [60]
  --seed N             for the orders' contents                               [1]
  --url URL            the broker                      [AMQP_URL, else amqp://guest:guest@localhost:5672]
  --json FILE          also write every figure of every round there
  --help

scenarios: ${[...scenarios, overload].map((scenario) => scenario.name).join(", ")}
contenders: ${Object.keys(contenders).join(", ")}
`;

/** Throws an error with a plain message when an option is wrong. */
export function parseBenchOptions(args: readonly string[], env: NodeJS.ProcessEnv): BenchOptions {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== "--"),
    options: {
      only: { type: "string", multiple: true },
      contender: { type: "string", multiple: true },
      rounds: { type: "string", default: "9" },
      messages: { type: "string" },
      seconds: { type: "string", default: String(overload.seconds) },
      seed: { type: "string", default: "1" },
      url: { type: "string", default: env["AMQP_URL"] ?? "amqp://guest:guest@localhost:5672" },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const messages = values.messages === undefined ? undefined : wholeNumber("messages", values.messages);
  const chosen = values.only?.flatMap((name) => scenariosNamed(name)) ?? [...scenarios, overload];
  const seconds = wholeNumber("seconds", values.seconds);
  return {
    url: values.url,
    scenarios: scenarios
      .filter((scenario) => chosen.includes(scenario))
      .map((scenario) => withMessages(scenario, messages)),
    overload: chosen.includes(overload) ? { ...overload, seconds } : undefined,
    contenders: chosenContenders(values.contender),
    rounds: wholeNumber("rounds", values.rounds),
    seed: wholeNumber("seed", values.seed),
    jsonFile: values.json,
    help: values.help,
  };
}

/** An exact name means that one alone, though it may begin the names of others. */
function scenariosNamed(name: string): readonly (Scenario | OverloadScenario)[] {
  const all = [...scenarios, overload];
  const exact = all.filter((scenario) => scenario.name === name);
  const found = exact.length > 0 ? exact : all.filter((scenario) => scenario.name.startsWith(name));
  if (found.length === 0) throw new Error(`--only: there is no scenario "${name}"`);
  return found;
}

function chosenContenders(names: readonly string[] | undefined): readonly string[] {
  const known = Object.keys(contenders);
  const unknown = names?.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`--contender: there is no contender "${unknown}"`);
  return known.filter((name) => names === undefined || name === "amqplib" || names.includes(name));
}

function withMessages(scenario: Scenario, messages: number | undefined): Scenario {
  return messages === undefined ? scenario : { ...scenario, messages, warmUp: Math.ceil(messages / 2) };
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`--${name}: "${text}" is not a number from 1 on`);
  return value;
}
