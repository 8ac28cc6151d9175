import type { IncomingMessage } from "node:http";
import type { FieldTable } from "../codec/field-table.ts";
import { tableOf } from "../codec/json-table.ts";
import type { UserPermissions } from "../model/permissions.ts";
import type { VirtualHost } from "../model/virtual-host.ts";
import type { User } from "../wire/accounts.ts";
import { ApiError, badRequest, notAuthorised, notFound } from "./api-error.ts";
import type { BrokerView } from "./broker-view.ts";
import type { Method } from "./route.ts";

/** As RabbitMQ's `management.http.max_body_size` is by default. */
const maxBodyBytes = 20_000_000;

export type Json = Readonly<Record<string, unknown>>;

/** A request of someone who may use the API. */
export class ApiRequest {
  readonly method: Method;
  readonly broker: BrokerView;
  readonly user: User;
  /** The variable parts of the path, decoded, by the names that the route gives them. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly #text: string;

  constructor(
    options: Pick<ApiRequest, "method" | "broker" | "user" | "params" | "query"> & { readonly text: string },
  ) {
    this.method = options.method;
    this.broker = options.broker;
    this.user = options.user;
    this.params = options.params;
    this.query = options.query;
    this.#text = options.text;
  }

  get isAdministrator(): boolean {
    return this.user.tags.includes("administrator");
  }

  /** Those that the user may enter; all of them for an administrator. */
  get vhosts(): readonly VirtualHost[] {
    return [...this.broker.vhosts.values()].filter(({ name }) => this.#mayEnter(name));
  }

  /** The one of the path. @throws ApiError 404, 401 */
  get vhost(): VirtualHost {
    const vhost = this.broker.vhosts.get(this.param("vhost"));
    if (vhost === undefined)
      throw this.method === "PUT" || this.method === "POST"
        ? new ApiError(404, "not_found", "vhost_not_found")
        : notFound();
    if (!this.#mayEnter(vhost.name)) throw notAuthorised("User not authorised to access virtual host");
    return vhost;
  }

  get permissions(): UserPermissions {
    return this.broker.accounts.permissions(this.user.name, this.vhost.name);
  }

  param(name: string): string {
    return this.params[name] ?? "";
  }

  /** An empty body is an empty object. @throws ApiError 400 */
  get json(): Json {
    if (this.#text === "") return {};
    let value: unknown;
    try {
      value = JSON.parse(this.#text);
    } catch {
      throw badRequest("not_json");
    }
    if (!isObject(value)) throw badRequest("not_json");
    return value;
  }

  /** @throws ApiError 401 */
  demandAdministrator(): void {
    if (!this.isAdministrator) throw notAuthorised("Not administrator user");
  }

  #mayEnter(vhost: string): boolean {
    return this.isAdministrator || this.broker.accounts.mayEnter(this.user.name, vhost);
  }
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @throws ApiError 413 without reading on */
export async function readText(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw new ApiError(413, "payload_too_large", "body is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** @throws ApiError 400 that names what is missing, as Erlang prints it: 60 characters a line */
export function demand(json: Json, ...names: readonly string[]): void {
  const missing = names.filter((name) => json[name] === undefined);
  if (missing.length === 0) return;
  const tuples = missing.map((name) => `{key_missing,${name}}`);
  const oneLine = `[${tuples.join(",")}]`;
  throw badRequest(oneLine.length <= 60 ? oneLine : `[${tuples.join(",\n ")}]`);
}

/** Also given as a text. @throws ApiError 400 */
export function booleanIn(json: Json, name: string, otherwise = false): boolean {
  const value = json[name] ?? otherwise;
  if (value === true || value === "true") return true;
  if (value === false || value === "false") return false;
  throw badRequest(["not_boolean", value]);
}

export function textIn(json: Json, name: string, otherwise = ""): string {
  const value = json[name];
  return typeof value === "string" ? value : otherwise;
}

/** @throws ApiError 400 */
export function argumentsIn(json: Json): FieldTable {
  const value = json["arguments"] ?? {};
  if (Array.isArray(value) && value.length === 0) return new Map();
  if (!isObject(value)) throw badRequest(["not_a_table", value]);
  return tableOf(value);
}
