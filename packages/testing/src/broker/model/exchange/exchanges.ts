import { AmqpError } from "../../amqp-error.ts";
import type { VersionRules } from "../../version.ts";
import { checkSameExchange } from "../declare/equivalence.ts";
import { checkNotReserved } from "../declare/names.ts";
import { erlangType } from "../erlang-term.ts";
import { exchangeIn } from "../resource.ts";
import type { Router } from "../routing/router.ts";
import type { ExchangeDeclaration } from "./exchange-declaration.ts";
import { createRouter } from "./exchange-types.ts";
import { Exchange, type Destination } from "./exchange.ts";
import { predeclaredExchanges } from "./predeclared-exchanges.ts";

/** The exchanges of a virtual host by name, the default exchange under "". */
export class Exchanges implements Iterable<Exchange> {
  readonly #vhost: string;
  readonly #rules: VersionRules;
  readonly #byName = new Map<string, Exchange>();

  constructor(vhost: string, rules: VersionRules, defaultRouter: Router<Destination>) {
    this.#vhost = vhost;
    this.#rules = rules;
    for (const declaration of predeclaredExchanges) {
      const router =
        declaration.name === "" ? defaultRouter : createRouter<Destination>(declaration.type, rules);
      this.#byName.set(declaration.name, new Exchange(declaration, router));
    }
  }

  [Symbol.iterator](): Iterator<Exchange> {
    return this.#byName.values();
  }

  find(name: string): Exchange | undefined {
    return this.#byName.get(name);
  }

  /** @throws AmqpError 404 */
  require(name: string): Exchange {
    const exchange = this.#byName.get(name);
    if (exchange === undefined) throw new AmqpError(404, `no ${exchangeIn(this.#vhost, name)}`);
    return exchange;
  }

  /** @throws AmqpError 403, 406, or what the version has for an unknown type */
  declare(declaration: ExchangeDeclaration): void {
    const { name, type } = declaration;
    const router = createRouter<Destination>(type, this.#rules);
    checkNotDefault(name);
    const existing = this.#byName.get(name);
    if (existing !== undefined) {
      checkSameExchange(existing.declaration, declaration, this.#vhost);
      return;
    }
    checkNotReserved("exchange", name);
    const alternate = declaration.arguments.get("alternate-exchange");
    if (alternate !== undefined && alternate.type !== "longstr") {
      const exchange = exchangeIn(this.#vhost, name);
      throw new AmqpError(
        406,
        `invalid type '${erlangType(alternate.type)}' for arg 'alternate-exchange' in ${exchange}`,
      );
    }
    this.#byName.set(name, new Exchange(declaration, router));
  }

  /**
   * The exchange that `exchange.delete` is about; one that there is not is no error.
   *
   * @throws AmqpError 403, 406
   */
  toDelete(name: string, { ifUnused }: { readonly ifUnused: boolean }): Exchange | undefined {
    checkNotSystem(this.#vhost, name);
    const exchange = this.#byName.get(name);
    if (ifUnused && exchange !== undefined && exchange.bindingCount > 0) {
      throw new AmqpError(406, `${exchangeIn(this.#vhost, name)} in use`);
    }
    return exchange;
  }

  remove(exchange: Exchange): void {
    this.#byName.delete(exchange.declaration.name);
  }
}

/** @throws AmqpError 403 for an exchange that nobody can delete, whether it exists or not. */
export function checkNotSystem(vhost: string, name: string): void {
  checkNotDefault(name);
  if (name.startsWith("amq.")) {
    throw new AmqpError(403, `deletion of system ${exchangeIn(vhost, name)} not allowed`);
  }
}

/** @throws AmqpError 403 for the default exchange, to which nothing can be done but publish. */
export function checkNotDefault(name: string): void {
  if (name === "") throw new AmqpError(403, "operation not permitted on the default exchange");
}
