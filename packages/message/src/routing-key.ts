import { WarrenError } from "./errors.ts";

type Placeholders<Key extends string> = Key extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;

type Fillable<Payload> = {
  [Name in keyof Payload & string]: Payload[Name] extends string | number | boolean ? Name : never;
}[keyof Payload & string];

type Misfit<Key extends string, Payload> = Exclude<Placeholders<Key>, Fillable<Payload>>;

/** The template itself when every `{placeholder}` is a text, number or boolean property of the payload; else a type that says which is not. */
export type RoutingKeyOf<Key extends string, Payload> = [Misfit<Key, Payload>] extends [never]
  ? Key
  : `{${Misfit<Key, Payload>}} is not a property of the payload that a routing key can hold`;

/** The binding pattern of everything that the template can become: `order.placed.{region}` gives `order.placed.*`. */
export type PatternOf<Key extends string> = Key extends `${infer Before}{${string}}${infer After}`
  ? `${Before}*${PatternOf<After>}`
  : Key;

/** Placeholders take room that their values do not, but no template worth taking apart is longer than this. */
const maxTemplateLength = 2_048;

/** A routing key may have 255 bytes (AMQP short string). */
export const maxRoutingKeyBytes = 255;

const placeholder = /\{([^{}]*)\}/g;

/** A routing key template, taken apart once. */
export interface RoutingKeyTemplate {
  readonly pattern: string;
  readonly placeholders: readonly string[];
  /** @throws WarrenError PUBLISH_INVALID when a value is missing, empty, holds a "." or the key gets too long. */
  readonly keyFor: (payload: unknown) => string;
}

/** @returns the template, or what is wrong with it. */
export function parseRoutingKey(template: string): RoutingKeyTemplate | { readonly problem: string } {
  if (template.length > maxTemplateLength) return { problem: `is longer than 255 bytes` };
  const placeholders = [...template.matchAll(placeholder)].map((match) => match[1]!);
  const literals = template.split(placeholder).filter((_, index) => index % 2 === 0);
  if (literals.some((literal) => /[{}]/.test(literal))) return { problem: `has a brace without its partner` };
  if (literals.some((literal) => /[*#]/.test(literal)))
    return { problem: `holds "*" or "#", which only a binding may` };
  if (placeholders.includes("")) return { problem: `has an empty placeholder {}` };
  if (/\}[^.]|[^.]\{/.test(template))
    return { problem: `has a placeholder that is not a whole word between dots` };
  if (Buffer.byteLength(literals.join("")) > maxRoutingKeyBytes)
    return { problem: `is longer than 255 bytes` };
  const keyFor =
    placeholders.length === 0
      ? () => template
      : (payload: unknown) => fillTemplate(template, literals, placeholders, payload);
  return { pattern: template.replaceAll(placeholder, "*"), placeholders, keyFor };
}

function fillTemplate(
  template: string,
  literals: readonly string[],
  placeholders: readonly string[],
  payload: unknown,
): string {
  let key = literals[0]!;
  for (const [index, name] of placeholders.entries()) {
    const value = (payload as Record<string, unknown> | null)?.[name];
    key += word(template, name, value) + literals[index + 1]!;
  }
  if (key.length > 63 && Buffer.byteLength(key) > maxRoutingKeyBytes) {
    throw new WarrenError("PUBLISH_INVALID", `the routing key "${template}" becomes longer than 255 bytes`, {
      context: { template },
    });
  }
  return key;
}

/** A value with a "." would become two words, and an empty one a word that `*` does match but nobody expects. */
function word(template: string, name: string, value: unknown): string {
  const text =
    typeof value === "string" || typeof value === "boolean" || Number.isFinite(value)
      ? String(value)
      : undefined;
  if (text !== undefined && text !== "" && !text.includes(".")) return text;
  const reason =
    text === undefined
      ? "is missing or no text, finite number or boolean"
      : text === ""
        ? "is empty"
        : `holds a "."`;
  throw new WarrenError(
    "PUBLISH_INVALID",
    `the routing key "${template}" cannot be filled: ${name} ${reason}. Give options.routingKey to choose the key yourself`,
    { context: { template, placeholder: name } },
  );
}
