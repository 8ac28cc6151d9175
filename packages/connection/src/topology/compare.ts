import { BrokerError } from "@warren/message";
import {
  type Inequivalence,
  parseInequivalence,
  parseInvalidArgument,
  type ReplyValue,
} from "./broker-reply.ts";
import type { ExchangeDeclaration, QueueDeclaration } from "./declarations.ts";
import type { DeclaringChannel, DeclaringPort } from "./declaring-channel.ts";

/** One setting that the broker has otherwise. `undefined` is an argument that is not there. */
export interface Difference {
  /** `durable`, `autoDelete`, `type`, `internal`, `exclusive` or an AMQP argument such as `x-message-ttl`. */
  readonly argument: string;
  readonly wanted: unknown;
  readonly actual: unknown;
}

export type Comparison =
  | { readonly found: "missing" }
  | { readonly found: "same" }
  /** `complete` is false when there may be more. */
  | { readonly found: "different"; readonly differences: readonly Difference[]; readonly complete: boolean }
  /** It exists, and the broker does not say how: no configure permission, or it is another connection's. */
  | { readonly found: "unknown"; readonly error: BrokerError };

/** A declaration, flat: one name, one value. */
export type Settings = Readonly<Record<string, unknown>>;

/**
 * Compares with the broker over AMQP alone, and can never create anything, not even if the entity disappears
 * meanwhile. Each look is a declaration with one argument, the bait, that no RabbitMQ accepts for something new.
 * Of something that exists the broker compares every argument first and names one that differs, the bait
 * last of all. Giving it its own value back for that one, it names the next.
 */
export async function compareQueue(port: DeclaringPort, queue: QueueDeclaration): Promise<Comparison> {
  const { name, role: _role, arguments: args, ...flags } = queue;
  return compare(port, {
    bait: "x-queue-leader-locator",
    settings: { ...flags, ...args },
    check: (channel) => channel.checkQueue(name),
    declare: (channel, settings) => {
      const { durable, exclusive, autoDelete, ...rest } = settings;
      return channel.declareQueue(name, { durable, exclusive, autoDelete, arguments: rest } as never);
    },
  });
}

/** As {@link compareQueue}. The broker compares an exchange's flags and its alternate exchange, and no other argument. */
export async function compareExchange(
  port: DeclaringPort,
  exchange: ExchangeDeclaration,
): Promise<Comparison> {
  const { name, arguments: args, ...flags } = exchange;
  return compare(port, {
    bait: "alternate-exchange",
    settings: { ...flags, ...args },
    check: (channel) => channel.checkExchange(name),
    declare: (channel, settings) => {
      const { type, durable, autoDelete, internal, ...rest } = settings;
      return channel.declareExchange(
        name,
        type as string,
        { durable, autoDelete, internal, arguments: rest } as never,
      );
    },
  });
}

interface Look {
  readonly bait: string;
  readonly settings: Settings;
  check(channel: DeclaringChannel): Promise<unknown>;
  declare(channel: DeclaringChannel, settings: Settings): Promise<unknown>;
}

async function compare(port: DeclaringPort, look: Look): Promise<Comparison> {
  const absent = await refusalOf(port, (channel) => look.check(channel));
  if (absent?.replyCode === 404) return { found: "missing" };
  if (absent !== undefined) return { found: "unknown", error: absent };

  const differences = new Map<string, Difference>();
  let settings: Settings = look.settings;
  for (;;) {
    const refusal = await refusalOf(port, (channel) =>
      look.declare(channel, { ...settings, [look.bait]: 0 }),
    );
    if (refusal === undefined) return result(differences, true); // A classic queue before 4.3 does not mind the bait.
    if (refusal.replyCode !== 406) return { found: "unknown", error: refusal };
    const named = parseInequivalence(refusal.replyText);
    if (named === undefined) {
      // It went away after the check, and the bait was refused; or something else of it would be.
      const gone = parseInvalidArgument(refusal.replyText) === look.bait;
      return gone ? { found: "missing" } : { found: "unknown", error: refusal };
    }
    const { argument, wanted, actual } = differenceOf(named, look.settings);
    if (named.actual.kind === "cut" && settings[argument] !== "" && argument !== look.bait) {
      settings = { ...settings, [argument]: "" }; // The shortest value leaves the most room for the actual one.
      continue;
    }
    if (argument !== look.bait && settings[argument] === actual && named.actual.kind === "value") {
      // The broker has the same in another type, "5" for 5. It would name this one for ever.
      differences.set(argument, { argument, wanted, actual: named.actual.text });
      return result(differences, false);
    }
    if (actual !== wanted) differences.set(argument, { argument, wanted, actual });
    if (argument === look.bait) return result(differences, true);
    if (named.actual.kind === "cut") return result(differences, false);
    settings = withSetting(settings, argument, actual);
  }
}

function withSetting(settings: Settings, argument: string, value: unknown): Settings {
  const { [argument]: _old, ...others } = settings;
  return value === undefined ? others : { ...others, [argument]: value };
}

function result(differences: ReadonlyMap<string, Difference>, complete: boolean): Comparison {
  if (differences.size === 0) return { found: "same" };
  return { found: "different", differences: [...differences.values()], complete };
}

/** Each look has a channel of its own, for the answer closes it. */
async function refusalOf(
  port: DeclaringPort,
  look: (channel: DeclaringChannel) => Promise<unknown>,
): Promise<BrokerError | undefined> {
  try {
    await port.withChannel(look);
    return undefined;
  } catch (error) {
    if (error instanceof BrokerError && error.scope === "channel") return error;
    throw error;
  }
}

/** What the broker's answer says, in the words of a declaration. */
export function differenceOf(named: Inequivalence, settings: Settings): Difference {
  const argument = named.argument === "auto_delete" ? "autoDelete" : named.argument;
  const wanted = settings[argument];
  return { argument, wanted, actual: valueOf(named.actual, wanted) };
}

/** The text of a value says what it is only when there is no other; then it is of the wanted one's type. */
function valueOf(actual: ReplyValue, wanted: unknown): unknown {
  if (actual.kind === "none") return undefined;
  if (actual.kind === "cut") return "(too long for the broker's answer)";
  const { text, type } = actual;
  const flag = type === "bool" || (type === undefined && typeof wanted === "boolean");
  if (flag) return text === "true";
  const number = type === undefined ? typeof wanted === "number" : !["longstr", "binary"].includes(type);
  return number && text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}
