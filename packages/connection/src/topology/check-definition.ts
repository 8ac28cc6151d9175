import {
  aBoolean,
  anArray,
  anInteger,
  anObject,
  aShortString,
  oneOf,
  type Rule,
  shownValue,
} from "@warren/message/authoring";
import type { BindingDefinition, ExchangeDefinition, ExchangeType, PolicyDefinition } from "./definition.ts";
import type { Exchanges, Queues } from "./expand.ts";
import { checkQueue } from "./check-queue.ts";
import { exchangeProblem, exchangeTypeOf, nameProblem } from "./names.ts";
import type { Problems } from "./problems.ts";
import { bindingRules } from "./queue-option-rules.ts";

const definitionRules: Readonly<Record<string, Rule>> = {
  exchanges: anObject,
  queues: anObject,
  policies: anObject,
};

const exchangeRules: Readonly<Record<keyof ExchangeDefinition, Rule>> = {
  type: exchangeType,
  durable: aBoolean,
  autoDelete: aBoolean,
  internal: aBoolean,
  alternateExchange: aShortString,
  bindings: anArray,
  arguments: anObject,
};

const policyRules: Readonly<Record<string, Rule>> = {
  pattern: aShortString,
  applyTo: oneOf("all", "queues", "classic_queues", "quorum_queues", "streams", "exchanges"),
  definition: anObject,
  priority: anInteger(-(2 ** 31)),
};

const xMatch = oneOf("all", "any", "all-with-x", "any-with-x");

interface Definition {
  readonly exchanges?: Exchanges;
  readonly queues?: Queues;
  readonly policies?: Readonly<Record<string, Partial<PolicyDefinition>>>;
}

/** Everything that can be said about a definition before its queues are resolved. */
export function checkDefinition(definition: unknown, problems: Problems): void {
  const complaint = anObject(definition);
  if (complaint !== undefined) return problems.add("topology", `${complaint}, not ${shownValue(definition)}`);
  problems.check("topology", definition as object, definitionRules);
  const given = definition as Definition;
  const exchanges = sectionOf(given.exchanges);
  const queues = sectionOf(given.queues);
  const policies = sectionOf(given.policies);
  const known = Object.keys(exchanges);
  for (const [name, exchange] of entries("exchanges", exchanges, problems))
    checkExchange(name, exchange, exchanges, problems);
  for (const [name, queue] of entries("queues", queues, problems)) {
    checkQueue(name, queue, known, problems);
    checkBindings(`queues.${name}`, queue.bindings, exchanges, problems);
  }
  for (const [name, policy] of entries("policies", policies, problems)) {
    problems.check(`policies.${name}`, policy, policyRules);
    if (policy.pattern === undefined || policy.definition === undefined)
      problems.add(`policies.${name}`, "needs a pattern and a definition");
  }
}

/** What is no object is a problem already, and has no entries. */
function sectionOf<Entry>(
  section: Readonly<Record<string, Entry>> | undefined,
): Readonly<Record<string, Entry>> {
  return anObject(section) === undefined ? section! : {};
}

/** The entries that are objects; the others are problems. */
function entries<Entry extends object>(
  section: string,
  all: Readonly<Record<string, Entry>>,
  problems: Problems,
): [string, Entry][] {
  return Object.entries(all).filter(([name, entry]) => {
    const complaint = anObject(entry);
    if (complaint !== undefined) problems.add(`${section}.${name}`, `${complaint}, not ${shownValue(entry)}`);
    return complaint === undefined;
  });
}

function checkExchange(name: string, exchange: ExchangeDefinition, all: Exchanges, problems: Problems): void {
  const path = `exchanges.${name}`;
  const wrongName = nameProblem(name);
  if (wrongName !== undefined) problems.add(path, wrongName);
  if (exchange.type === undefined)
    problems.add(path, `needs a type: "topic", "direct", "fanout" or "headers"`);
  problems.check(path, exchange, exchangeRules);
  if (typeof exchange.alternateExchange === "string") {
    const wrong = exchangeProblem(exchange.alternateExchange, Object.keys(all));
    if (wrong !== undefined) problems.add(`${path}.alternateExchange`, wrong);
  }
  if (anObject(exchange.arguments) === undefined && Object.hasOwn(exchange.arguments!, "alternate-exchange"))
    problems.add(`${path}.arguments`, `"alternate-exchange" has an option of its own: say alternateExchange`);
  checkBindings(path, exchange.bindings, all, problems);
}

function checkBindings(
  path: string,
  bindings: readonly BindingDefinition[] | undefined,
  exchanges: Exchanges,
  problems: Problems,
): void {
  if (!Array.isArray(bindings)) return;
  for (const [index, binding] of (bindings as readonly BindingDefinition[]).entries()) {
    const at = `${path}.bindings[${index}]`;
    if (anObject(binding) !== undefined || typeof binding.exchange !== "string") {
      problems.add(at, "must be an object with an exchange");
      continue;
    }
    problems.check(at, binding, bindingRules);
    const wrong = exchangeProblem(binding.exchange, Object.keys(exchanges));
    if (wrong !== undefined) problems.add(`${at}.exchange`, wrong);
    else checkMatch(at, binding, exchangeTypeOf(binding.exchange, exchanges), problems);
  }
}

function checkMatch(
  path: string,
  binding: BindingDefinition,
  type: ExchangeType | undefined,
  problems: Problems,
): void {
  if (type === "topic" && binding.routingKey === undefined)
    problems.add(path, `a binding to a topic exchange needs a routingKey; "#" takes everything`);
  if (type === "direct" && binding.routingKey === undefined)
    problems.add(path, "a binding to a direct exchange needs a routingKey");
  const match = anObject(binding.arguments) === undefined ? binding.arguments!["x-match"] : undefined;
  if (type === "headers" && match !== undefined) {
    const complaint = xMatch(match);
    if (complaint !== undefined) problems.add(`${path}.arguments.x-match`, complaint);
  }
}

function exchangeType(value: unknown): string | undefined {
  return typeof value === "string" && /^(topic|direct|fanout|headers|x-.+)$/.test(value)
    ? undefined
    : `must be "topic", "direct", "fanout", "headers" or a plugin's "x-…"`;
}
