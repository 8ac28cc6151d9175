import { json } from "./answer.ts";
import { bindingRoutes } from "./binding-routes.ts";
import { clientRoutes } from "./client-routes.ts";
import { definitionRoutes } from "./definition-routes.ts";
import { exchangeRoutes } from "./exchange-routes.ts";
import { healthRoutes } from "./health-routes.ts";
import { messageRoutes } from "./message-routes.ts";
import { overviewRoutes } from "./overview-routes.ts";
import { queueRoutes } from "./queue-routes.ts";
import type { Route } from "./route.ts";
import { userRoutes } from "./user-routes.ts";
import { vhostRoutes } from "./vhost-routes.ts";

/** What this broker has none of, and tools list all the same. */
const nothing = [
  "policies",
  "policies/{vhost}",
  "operator-policies",
  "operator-policies/{vhost}",
  "parameters",
  "parameters/{component}",
  "parameters/{component}/{vhost}",
  "global-parameters",
  "topic-permissions",
  "vhost-limits",
  "vhost-limits/{vhost}",
  "user-limits",
  "feature-flags",
  "extensions",
];

/** The first one that fits a path counts. */
export const routes: readonly Route[] = [
  ...overviewRoutes,
  ...healthRoutes,
  ...vhostRoutes,
  ...userRoutes,
  ...queueRoutes,
  ...exchangeRoutes,
  ...bindingRoutes,
  ...messageRoutes,
  ...clientRoutes,
  ...definitionRoutes,
  ...nothing.map((path): Route => ({ path, methods: { GET: () => json([]) } })),
];
