import type { BindingDeclaration, Declarations } from "./declarations.ts";
import type { DeclaringChannel } from "./declaring-channel.ts";
import { explainPluginType } from "./plugin-exchange.ts";

/** One method of a declaration, and the words for it. */
export interface Step {
  readonly kind: "exchange" | "queue" | "binding";
  /** The exchange or queue; of a binding its destination. */
  readonly name: string;
  /** Of a binding. */
  readonly source: string | undefined;
  /** What is declared, flat: one name, one value. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** It needs read on itself, for its alternate or dead-letter exchange. */
  readonly readsOwn: boolean;
  /** As in `queue "billing"`. */
  readonly what: string;
  /** As in `declare queue "billing"`. */
  readonly verb: string;
  declare(channel: DeclaringChannel): Promise<unknown>;
  /** Passive; a binding cannot be looked at. */
  check?(channel: DeclaringChannel): Promise<unknown>;
}

/** Exchanges, then queues, then bindings: what a step names is there before it. */
export function declarationSteps({ exchanges, queues, bindings }: Declarations): Step[] {
  return [
    ...exchanges.map(({ name, type, arguments: args, ...flags }): Step => {
      return {
        ...entity("exchange", name, { type, ...flags, ...args }),
        declare: (channel) =>
          channel.declareExchange(name, type, { ...flags, arguments: args }).catch((error: unknown) => {
            throw explainPluginType(error, name, type);
          }),
        check: (channel) => channel.checkExchange(name),
      };
    }),
    ...queues.map(({ name, role: _role, arguments: args, ...flags }): Step => {
      return {
        ...entity("queue", name, { ...flags, ...args }),
        declare: (channel) => channel.declareQueue(name, { ...flags, arguments: args }),
        check: (channel) => channel.checkQueue(name),
      };
    }),
    ...bindings.map(bindingStep),
  ];
}

function entity(kind: "exchange" | "queue", name: string, settings: Step["settings"]): Omit<Step, "declare"> {
  const what = `${kind} "${name}"`;
  const readsOwn =
    settings["alternate-exchange"] !== undefined || settings["x-dead-letter-exchange"] !== undefined;
  return { kind, name, source: undefined, settings, readsOwn, what, verb: `declare ${what}` };
}

function bindingStep(binding: BindingDeclaration): Step {
  const { source, destination, destinationType, routingKey, arguments: args } = binding;
  return {
    kind: "binding",
    name: destination,
    source,
    settings: {},
    readsOwn: false,
    what: describeBinding(binding),
    verb: `bind ${destinationType} "${destination}" to exchange "${source}"`,
    declare: (channel) =>
      destinationType === "queue"
        ? channel.bindQueue(destination, source, routingKey, args)
        : channel.bindExchange(destination, source, routingKey, args),
  };
}

export function describeBinding({
  source,
  destination,
  destinationType,
  routingKey,
}: BindingDeclaration): string {
  return `binding of ${destinationType} "${destination}" to exchange "${source}" with key "${routingKey}"`;
}
