import type { PermissionPatterns } from "../model/permissions.ts";
import type { VirtualHost } from "../model/virtual-host.ts";
import type { User } from "../wire/accounts.ts";
import { hashPassword } from "../wire/password-hash.ts";
import { created, noContent } from "./answer.ts";
import { badRequest, notFound } from "./api-error.ts";
import { type ApiRequest, demand, type Json, textIn } from "./api-request.ts";
import type { BrokerView } from "./broker-view.ts";
import { listed, shown } from "./listing.ts";
import type { Route } from "./route.ts";

export const userRoutes: readonly Route[] = [
  {
    path: "users",
    methods: { GET: (request) => listed(administered(request).accounts.users.map(userView), request) },
  },
  {
    path: "users/{user}",
    methods: {
      GET: (request) => shown(userView(userOf(request)), request),
      PUT: (request) => {
        const { accounts } = administered(request);
        const user = userIn(request.json, request.param("user"));
        const isNew = !accounts.has(user.name);
        accounts.put(user);
        return isNew ? created : noContent;
      },
      DELETE: (request) => {
        request.broker.accounts.delete(userOf(request).name);
        return noContent;
      },
    },
  },
  {
    path: "users/{user}/permissions",
    methods: {
      GET: (request) => {
        const { name } = userOf(request);
        const all = permissionsIn(request.broker, request.broker.vhosts.values());
        return listed(
          all.filter(({ user }) => user === name),
          request,
        );
      },
    },
  },
  {
    path: "permissions",
    methods: {
      GET: (request) => listed(permissionsIn(administered(request), request.broker.vhosts.values()), request),
    },
  },
  {
    path: "permissions/{vhost}/{user}",
    methods: {
      GET: (request) => {
        administered(request);
        const { name } = request.vhost;
        const patterns = request.broker.accounts.patternsOf(request.param("user"), name);
        if (patterns === undefined) throw notFound();
        return shown({ user: request.param("user"), vhost: name, ...patterns }, request);
      },
      PUT: (request) => {
        const { accounts, vhosts } = administered(request);
        const [user, vhost] = [request.param("user"), request.param("vhost")];
        const patterns = patternsIn(request.json);
        if (!accounts.has(user) || !vhosts.has(vhost)) throw badRequest("vhost_or_user_not_found");
        const isNew = accounts.patternsOf(user, vhost) === undefined;
        accounts.grant(user, vhost, patterns);
        return isNew ? created : noContent;
      },
      DELETE: (request) => {
        const { accounts } = administered(request);
        const [user, vhost] = [request.param("user"), request.vhost.name];
        if (accounts.patternsOf(user, vhost) === undefined) throw notFound();
        accounts.grant(user, vhost, undefined);
        return noContent;
      },
    },
  },
];

/** Who may do what, one for each user and virtual host. */
export function permissionsIn({ accounts }: BrokerView, vhosts: Iterable<VirtualHost>): readonly Json[] {
  return Array.from(vhosts).flatMap(({ name: vhost }) =>
    accounts.users.flatMap(({ name: user }) => {
      const patterns = accounts.patternsOf(user, vhost);
      return patterns === undefined ? [] : [{ user, vhost, ...patterns }];
    }),
  );
}

/** @throws ApiError 400 */
export function patternsIn(asked: Json): PermissionPatterns {
  demand(asked, "configure", "write", "read");
  const patterns = {
    configure: textIn(asked, "configure"),
    write: textIn(asked, "write"),
    read: textIn(asked, "read"),
  };
  for (const pattern of Object.values(patterns)) {
    if (!isPattern(pattern)) throw badRequest(["invalid_regexp", pattern]);
  }
  return patterns;
}

function isPattern(text: string): boolean {
  try {
    RegExp(text);
    return true;
  } catch {
    return false;
  }
}

/** Without a password and without a hash nobody can log in as this user by password. @throws ApiError 400 */
export function userIn(asked: Json, name: string): User {
  const { password, password_hash: passwordHash, tags } = asked;
  if (tags === undefined) throw badRequest("tags_not_present");
  const hash = typeof password === "string" && password !== "" ? hashPassword(password) : passwordHash;
  return { name, passwordHash: typeof hash === "string" ? hash : "", tags: tagsIn(tags) };
}

export function userView({ name, passwordHash, tags }: User): Json {
  return {
    name,
    password_hash: passwordHash,
    hashing_algorithm: "rabbit_password_hashing_sha256",
    tags,
    limits: {},
  };
}

function tagsIn(tags: unknown): readonly string[] {
  const all = Array.isArray(tags) ? tags.map(String) : String(tags).split(",");
  return all.map((tag) => tag.trim()).filter((tag) => tag !== "");
}

function administered(request: ApiRequest): BrokerView {
  request.demandAdministrator();
  return request.broker;
}

/** @throws ApiError 401, 404 */
function userOf(request: ApiRequest): User {
  const user = administered(request).accounts.find(request.param("user"));
  if (user === undefined) throw notFound();
  return user;
}
