import { parseArgs } from "node:util";
import { contenders } from "./contenders/registry.ts";
import { scenarios, type Scenario } from "./scenarios.ts";

export interface BenchOptions {
  readonly url: string;
  readonly scenarios: readonly Scenario[];
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
  --seed N             for the orders' contents                               [1]
  --url URL            the broker                      [AMQP_URL, else amqp://guest:guest@localhost:5672]
  --json FILE          also write every figure of every round there
  --help

scenarios: ${scenarios.map((scenario) => scenario.name).join(", ")}
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
      seed: { type: "string", default: "1" },
      url: { type: "string", default: env["AMQP_URL"] ?? "amqp://guest:guest@localhost:5672" },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const messages = values.messages === undefined ? undefined : wholeNumber("messages", values.messages);
  return {
    url: values.url,
    scenarios: chosenScenarios(values.only).map((scenario) => withMessages(scenario, messages)),
    contenders: chosenContenders(values.contender),
    rounds: wholeNumber("rounds", values.rounds),
    seed: wholeNumber("seed", values.seed),
    jsonFile: values.json,
    help: values.help,
  };
}

function chosenScenarios(only: readonly string[] | undefined): readonly Scenario[] {
  if (only === undefined) return scenarios;
  return [...new Set(only.flatMap((name) => scenariosNamed(name)))];
}

/** An exact name means that one alone, though it may begin the names of others. */
function scenariosNamed(name: string): readonly Scenario[] {
  const exact = scenarios.filter((scenario) => scenario.name === name);
  const found = exact.length > 0 ? exact : scenarios.filter((scenario) => scenario.name.startsWith(name));
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
