import { decodeFields } from "../codec/field-table-codec.ts";
import type { Accounts } from "./accounts.ts";

export interface LoginRequest {
  readonly mechanism: string;
  readonly response: Buffer;
  /** The common name in the client's verified certificate. */
  readonly certificateName: string | undefined;
}

/** `malformed` where the answer does not keep to its mechanism: RabbitMQ ends such a connection without a word. */
export type LoginResult =
  | { readonly outcome: "accepted"; readonly user: string }
  | { readonly outcome: "refused" }
  | { readonly outcome: "malformed" };

const malformed: LoginResult = { outcome: "malformed" };

/** The mechanisms that a client may choose from, in RabbitMQ's order. */
export function mechanisms(asksForCertificates: boolean): string {
  return asksForCertificates ? "EXTERNAL PLAIN AMQPLAIN" : "PLAIN AMQPLAIN";
}

export function logIn(request: LoginRequest, accounts: Accounts): LoginResult {
  switch (request.mechanism) {
    case "PLAIN":
      return plain(request.response, accounts);
    case "AMQPLAIN":
      return amqplain(request.response, accounts);
    case "EXTERNAL":
      return external(request.certificateName, accounts);
    default:
      return malformed;
  }
}

/** NUL, name, NUL, password. RabbitMQ takes no authorization identity before the first NUL. */
function plain(response: Buffer, accounts: Accounts): LoginResult {
  const middle = response.indexOf(0, 1);
  if (response[0] !== 0 || middle < 0) return malformed;
  return check(response.toString("utf8", 1, middle), response.subarray(middle + 1), accounts);
}

function amqplain(response: Buffer, accounts: Accounts): LoginResult {
  let fields;
  try {
    fields = decodeFields(response);
  } catch {
    return malformed;
  }
  const login = fields.get("LOGIN");
  const password = fields.get("PASSWORD");
  if (login?.type !== "longstr" || password?.type !== "longstr") return malformed;
  return check(login.value.toString(), password.value, accounts);
}

function external(certificateName: string | undefined, accounts: Accounts): LoginResult {
  // Not one of those that were offered.
  if (certificateName === undefined) return malformed;
  if (!accounts.has(certificateName)) return { outcome: "refused" };
  return { outcome: "accepted", user: certificateName };
}

function check(user: string, password: Buffer, accounts: Accounts): LoginResult {
  return accounts.accepts(user, password) ? { outcome: "accepted", user } : { outcome: "refused" };
}
