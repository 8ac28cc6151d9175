import { expect, test } from "vitest";
import { defineTopology } from "./define-topology.ts";
import { policyWarnings } from "./policy-warnings.ts";

const topology = defineTopology({ queues: { billing: { retry: false, deadLetter: false } } });

test("a policy on a queue of the topology is told with what it sets, one on another queue is not", () => {
  const policies = new Map([
    ["billing", { name: "limits", definition: { "max-length": 1, overflow: "drop-head" } }],
    ["other", { name: "limits", definition: { "max-length": 1 } }],
  ]);
  expect(policyWarnings({ policies }, topology)).toEqual([
    { path: "queues.billing", text: 'the policy "limits" applies to it: max-length 1, overflow "drop-head"' },
  ]);
});

test("an operator policy has no name", () => {
  const policies = new Map([["billing", { name: "", definition: { expires: 5 } }]]);
  expect(policyWarnings({ policies }, topology)[0]!.text).toBe("an operator policy applies to it: expires 5");
});
