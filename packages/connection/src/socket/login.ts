import { ConnectionError } from "@warren/message";
import type { BrokerAddress } from "../uri.ts";
import { readTlsMaterial, type TlsMaterial, type TlsOptions } from "./tls-options.ts";

/** A user's name and password, or an OAuth 2 token. */
export type Credentials =
  | { readonly username: string; readonly password: string }
  | {
      readonly token: string;
      /** When the token ends. Known, a new one is fetched in time and given to the broker without a reconnect. */
      readonly expiresAt?: Date;
    };

/**
 * Who to log in as: fixed credentials, a function that is asked before every attempt (so that a rotated password is
 * found), or `"external"`, which leaves it to the TLS client certificate (SASL EXTERNAL).
 */
export type CredentialsSource = Credentials | "external" | (() => Credentials | Promise<Credentials>);

/** What one attempt says in `connection.start-ok`, as amqplib takes it. */
export interface SaslLogin {
  readonly mechanism: "PLAIN" | "EXTERNAL";
  readonly response: () => Buffer;
  /** Of a token that says so. */
  readonly expiresAt?: Date;
}

/**
 * Everything secret that a connection knows. It stands in private fields, so that no inspection, log or JSON of an
 * object that holds it shows more than its name.
 */
export class Login {
  readonly mechanism: "PLAIN" | "EXTERNAL";
  readonly #source: CredentialsSource | undefined;
  readonly #ofAddress: ReadonlyMap<BrokerAddress, Credentials>;
  readonly #tls: TlsOptions;

  constructor(
    source: CredentialsSource | undefined,
    ofAddress: ReadonlyMap<BrokerAddress, Credentials>,
    tls: TlsOptions,
  ) {
    this.mechanism = source === "external" ? "EXTERNAL" : "PLAIN";
    this.#source = source;
    this.#ofAddress = ofAddress;
    this.#tls = tls;
  }

  /** @throws ConnectionError CREDENTIALS_FAILED when the provider rejects or answers nonsense. */
  async sasl(address: BrokerAddress): Promise<SaslLogin> {
    if (this.#source === "external") return { mechanism: "EXTERNAL", response: () => Buffer.alloc(0) };
    const credentials =
      typeof this.#source === "function"
        ? await ask(this.#source)
        : (this.#source ?? this.#ofAddress.get(address) ?? guest);
    if (!("token" in credentials)) return plain(credentials.username, credentials.password);
    // With a token the broker reads the user's name out of it.
    const login = plain("", credentials.token);
    return credentials.expiresAt === undefined ? login : { ...login, expiresAt: credentials.expiresAt };
  }

  /** A token that has not been used yet, for `connection.update-secret`. */
  async freshToken(): Promise<{ readonly token: string; readonly expiresAt: Date | undefined }> {
    const credentials = typeof this.#source === "function" ? await ask(this.#source) : undefined;
    if (credentials === undefined || !("token" in credentials))
      throw new ConnectionError("CREDENTIALS_FAILED", "there is no provider of tokens to ask for a new one");
    return { token: credentials.token, expiresAt: credentials.expiresAt };
  }

  /** Read again for every attempt, so that a rotated certificate is found. Nothing without TLS. */
  async tls(address: BrokerAddress): Promise<TlsMaterial> {
    return address.tls ? readTlsMaterial(this.#tls) : {};
  }
}

/** RabbitMQ lets this user in from the same machine only, and so do we: {@link resolveConnectOptions}. */
const guest: Credentials = Object.freeze({ username: "guest", password: "guest" });

/** RFC 4616: authorization identity (none), user, password. */
function plain(username: string, password: string): SaslLogin {
  return { mechanism: "PLAIN", response: () => Buffer.from(`\0${username}\0${password}`) };
}

async function ask(provider: () => Credentials | Promise<Credentials>): Promise<Credentials> {
  let answer: Partial<Record<"username" | "password" | "token" | "expiresAt", unknown>> | undefined;
  try {
    answer = await provider();
  } catch (thrown) {
    throw new ConnectionError(
      "CREDENTIALS_FAILED",
      "the credentials provider failed; its error is the cause",
      {
        cause: thrown,
      },
    );
  }
  const { username, password, token, expiresAt } = answer ?? {};
  const complete = token === undefined ? isText(username) && isText(password) : isText(token);
  if (complete && (expiresAt === undefined || isDate(expiresAt))) return answer as Credentials;
  throw new ConnectionError(
    "CREDENTIALS_FAILED",
    "the credentials provider must give { username, password } or { token, expiresAt? }, with texts and a Date",
  );
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

function isDate(value: unknown): boolean {
  return value instanceof Date && !Number.isNaN(value.getTime());
}
