import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { AmqpError } from "../amqp-error.ts";
import type { User } from "../wire/accounts.ts";
import { ApiError, badRequest, fromAmqp, notAuthorised, notFound } from "./api-error.ts";
import { ApiRequest, readText } from "./api-request.ts";
import type { Answer } from "./answer.ts";
import type { BrokerView } from "./broker-view.ts";
import { type Method, paramsIn } from "./route.ts";
import { routes } from "./routes.ts";

const host = "127.0.0.1";
const challenge = { "www-authenticate": 'Basic realm="RabbitMQ Management"' };
/** Those who may use the API have one of these. */
const managers: ReadonlySet<string> = new Set(["management", "policymaker", "monitoring", "administrator"]);

/** The management API on a port of its own. */
export class ManagementServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @param viewOf told the port that it listens on */
  static async listen(port: number, viewOf: (port: number) => BrokerView): Promise<ManagementServer> {
    const server = createServer((message, response) => void respond(message, response, () => view));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port }, resolve);
    });
    const self = new ManagementServer(server);
    const view = viewOf(self.port);
    return self;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}

async function respond(
  message: IncomingMessage,
  response: ServerResponse,
  broker: () => BrokerView,
): Promise<void> {
  const answer = await answerTo(message, broker()).catch(answerOfError);
  const isSilent = answer.body === undefined;
  const text = isSilent ? "" : JSON.stringify(answer.body);
  response.writeHead(answer.status, {
    "cache-control": "no-cache",
    ...(isSilent ? {} : { "content-type": "application/json" }),
    ...answer.headers,
  });
  response.end(message.method === "HEAD" ? "" : text);
}

async function answerTo(message: IncomingMessage, broker: BrokerView): Promise<Answer> {
  const [path = "", query = ""] = (message.url ?? "").split("?", 2);
  const [root, api, ...parts] = path.split("/");
  if (root !== "" || api !== "api") throw notFound();
  const user = userOf(message, broker);
  if (user === undefined) return { status: 401, headers: challenge };
  const text = await readText(message);
  const found = findRoute(parts);
  if (found === undefined) throw notFound();
  const method = message.method === "HEAD" ? "GET" : (message.method as Method);
  const handle = found.route.methods[method];
  if (handle === undefined)
    return { status: 405, headers: { allow: allowed(Object.keys(found.route.methods)) } };
  return handle(
    new ApiRequest({ method, broker, user, params: found.params, query: new URLSearchParams(query), text }),
  );
}

function findRoute(parts: readonly string[]) {
  try {
    for (const route of routes) {
      const params = paramsIn(route, parts);
      if (params !== undefined) return { route, params };
    }
  } catch {
    throw badRequest("malformed path");
  }
  return undefined;
}

/** Undefined where nobody says who asks. @throws ApiError 401 */
function userOf({ headers }: IncomingMessage, { accounts }: BrokerView): User | undefined {
  const [, credentials] = /^Basic (.+)$/i.exec(headers.authorization ?? "") ?? [];
  if (credentials === undefined) return undefined;
  const text = Buffer.from(credentials, "base64");
  const colon = text.indexOf(":");
  const name = text.toString("utf8", 0, Math.max(colon, 0));
  const user = accounts.find(name);
  if (user === undefined || !accounts.accepts(name, text.subarray(colon + 1)))
    throw new ApiError(401, "not_authorized", "Login failed");
  if (!user.tags.some((tag) => managers.has(tag))) throw notAuthorised("Not management user");
  return user;
}

function answerOfError(error: unknown): Answer {
  if (error instanceof AmqpError) return answerOfError(fromAmqp(error));
  if (!(error instanceof ApiError))
    return { status: 500, body: { error: "internal_error", reason: String(error) } };
  const isLogin = error.status === 401 && (error.body as { error: string }).error === "not_authorized";
  return { status: error.status, body: error.body, ...(isLogin ? { headers: challenge } : {}) };
}

function allowed(methods: readonly string[]): string {
  return [...(methods.includes("GET") ? ["HEAD"] : []), ...methods].join(", ");
}
