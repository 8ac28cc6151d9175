import type { LiveState } from "./live-state.ts";
import type { Topology, TopologyWarning } from "./topology.ts";

/**
 * The policies that apply to queues of the topology. They change what a queue does without being in its declaration, so
 * that no comparison of settings finds them.
 */
export function policyWarnings(
  { policies }: Pick<LiveState, "policies">,
  { declarations }: Topology,
): readonly TopologyWarning[] {
  return declarations.queues.flatMap(({ name }) => {
    const policy = policies.get(name);
    if (policy === undefined) return [];
    const settings = Object.entries(policy.definition).map(
      ([key, value]) => `${key} ${JSON.stringify(value)}`,
    );
    const whose = policy.name === "" ? "an operator policy" : `the policy "${policy.name}"`;
    return [{ path: `queues.${name}`, text: `${whose} applies to it: ${settings.join(", ")}` }];
  });
}
