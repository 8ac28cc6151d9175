import { AmqpError } from "../amqp-error.ts";
import { textOf } from "../codec/field-values.ts";
import type { VersionRules } from "../version.ts";
import { checkNotReserved, serverName } from "./declare/names.ts";
import type { Binding } from "./exchange/binding.ts";
import type { ExchangeDeclaration } from "./exchange/exchange-declaration.ts";
import { checkExchangeType } from "./exchange/exchange-types.ts";
import { checkNotDefault, checkNotSystem } from "./exchange/exchanges.ts";
import type { QueueDeclaration } from "./queue/queue.ts";
import { exchangeIn, queueIn, withoutLineBreaks } from "./resource.ts";

/** What may be done with an exchange or a queue. */
export type Right = "configure" | "write" | "read";

/** Regular expressions, as in `rabbitmqctl set_permissions`: an empty one fits nothing. */
export type PermissionPatterns = Readonly<Record<Right, string>>;

export interface UserPermissionsOptions {
  readonly user: string;
  /** The name of the virtual host. */
  readonly vhost: string;
  readonly patterns: PermissionPatterns;
  readonly rules: VersionRules;
}

/**
 * What one user may do in one virtual host. Every method throws {@link AmqpError} 403 for the first right that is missing.
 * Deleting needs `configure`; getting, consuming and purging `read`; publishing `write`; a passive declare nothing.
 */
export class UserPermissions {
  readonly #user: string;
  readonly #vhost: string;
  readonly #rules: VersionRules;
  readonly #patterns: Readonly<Record<Right, RegExp | undefined>>;

  constructor({ user, vhost, patterns, rules }: UserPermissionsOptions) {
    this.#user = user;
    this.#vhost = vhost;
    this.#rules = rules;
    this.#patterns = {
      configure: compile(patterns.configure),
      write: compile(patterns.write),
      read: compile(patterns.read),
    };
  }

  check(right: Right, kind: "exchange" | "queue", name: string): void {
    const pattern = this.#patterns[right];
    if (pattern === undefined) return;
    const known = kind === "exchange" && name === "" ? "amq.default" : withoutLineBreaks(name);
    if (pattern.test(known)) return;
    const resource = kind === "exchange" ? exchangeIn(this.#vhost, known) : queueIn(this.#vhost, known);
    const access = this.#rules.namesRefusedRight ? `${right} access` : "access";
    throw new AmqpError(403, `${access} to ${resource} refused for user '${this.#user}'`);
  }

  /**
   * A new queue with a dead-letter exchange may be read by whoever declares it, and the exchange written to. One without a
   * name has to be allowed every name that begins with `amq.gen-`.
   *
   * @throws AmqpError 403 also for a reserved name, which RabbitMQ looks at first
   */
  toDeclareQueue(
    { name: asked, arguments: args }: QueueDeclaration,
    { isNew }: { readonly isNew: boolean },
  ): void {
    checkNotReserved("queue", withoutLineBreaks(asked));
    const name = asked === "" ? serverName() : asked;
    this.check("configure", "queue", name);
    const deadLetterExchange = textOf(args.get("x-dead-letter-exchange"));
    if (!isNew || deadLetterExchange === undefined) return;
    this.check("read", "queue", name);
    this.check("write", "exchange", deadLetterExchange);
  }

  /**
   * A new exchange with an alternate exchange may be read by whoever declares it, and the alternate one written to.
   *
   * @throws AmqpError also for an unknown type and the default exchange, which RabbitMQ looks at first
   */
  toDeclareExchange(
    { name, type, arguments: args }: ExchangeDeclaration,
    { isNew }: { readonly isNew: boolean },
  ): void {
    checkExchangeType(type, this.#rules);
    checkNotDefault(withoutLineBreaks(name));
    this.check("configure", "exchange", name);
    const alternate = textOf(args.get("alternate-exchange"));
    if (!isNew || alternate === undefined) return;
    this.check("read", "exchange", name);
    this.check("write", "exchange", alternate);
  }

  /** @throws AmqpError 403 also for what nobody can delete, which RabbitMQ looks at first */
  toDeleteExchange(name: string): void {
    checkNotSystem(this.#vhost, withoutLineBreaks(name));
    this.check("configure", "exchange", name);
  }

  /** Binding and unbinding alike. @throws AmqpError 403 also for the default exchange */
  toBind({ source, destination, destinationKind }: Binding): void {
    this.check("write", destinationKind, destination);
    checkNotDefault(withoutLineBreaks(source));
    this.check("read", "exchange", source);
  }
}

/** Undefined where everything fits, which is nearly always. */
function compile(pattern: string): RegExp | undefined {
  if (pattern === ".*") return undefined;
  return new RegExp(pattern === "" ? "^$" : pattern);
}
