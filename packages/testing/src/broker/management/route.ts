import type { Answer } from "./answer.ts";
import type { ApiRequest } from "./api-request.ts";

export type Method = "GET" | "PUT" | "POST" | "DELETE";

/** What is done with the requests of one path. */
export interface Route {
  /** Below `/api`, variable parts in braces: `queues/{vhost}/{name}`. */
  readonly path: string;
  readonly methods: Readonly<Partial<Record<Method, (request: ApiRequest) => Answer>>>;
}

/** The variable parts of a path that fits, decoded. @throws URIError for a part that cannot be decoded */
export function paramsIn(route: Route, parts: readonly string[]): Record<string, string> | undefined {
  const wanted = route.path.split("/");
  if (wanted.length !== parts.length) return undefined;
  const params: [string, string][] = [];
  for (const [index, part] of wanted.entries()) {
    const found = decodeURIComponent(parts[index]!);
    if (part.startsWith("{")) params.push([part.slice(1, -1), found]);
    else if (part !== found) return undefined;
  }
  return Object.fromEntries(params);
}
