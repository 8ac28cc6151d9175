import type { DeclaringPort } from "./declaring-channel.ts";
import { fetchLiveState, type ManagementOptions } from "./management-api.ts";
import type { Plan } from "./plan.ts";
import { planByAmqp } from "./plan-by-amqp.ts";
import { planByManagement } from "./plan-by-management.ts";
import { policyWarnings } from "./policy-warnings.ts";
import type { Topology } from "./topology.ts";

/**
 * Says what `declare` would do: create, unchanged, changed (which argument, wanted, actual), extra. Creates nothing.
 *
 * Over AMQP alone bindings cannot be looked at and nothing extra is seen; comparing the settings of what exists
 * takes configure permission on it. With the management API all of it is compared, and policies that apply to its queues
 * are among the warnings.
 *
 * @throws BrokerError and ConnectionError as the broker or its management API refuses or is not reached.
 */
export async function planTopology(
  port: DeclaringPort,
  topology: Topology,
  management?: ManagementOptions,
): Promise<Plan> {
  const live = management === undefined ? undefined : await fetchLiveState(management);
  const found = live === undefined ? await planByAmqp(port, topology) : planByManagement(live, topology);
  const policies = live === undefined ? [] : policyWarnings(live, topology);
  const quorum = topology.declarations.queues.filter((queue) => queue.arguments["x-queue-type"] === "quorum");
  return { ...found, warnings: [...topology.warnings, ...policies], quorumQueueCount: quorum.length };
}
