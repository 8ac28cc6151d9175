import { parseArgs } from "node:util";

/** `4` is 4.0; `cluster` is three nodes of the installed release, `cluster-4` of 4.0. */
export type SoakBroker = "3.10" | "4" | "cluster" | "cluster-4";

export interface SoakOptions {
  readonly broker: SoakBroker;
  readonly messages: number;
  /** The publishes are spread over so many minutes; 0 is as fast as it goes. */
  readonly minutes: number;
  readonly seed: number;
  readonly brokerKills: number;
  readonly clientKills: number;
  readonly resets: number;
  readonly alarms: number;
  /** A bug to be found: handlers answer before their effect. */
  readonly ackEarly: boolean;
}

const brokers: readonly string[] = ["3.10", "4", "cluster", "cluster-4"] satisfies readonly SoakBroker[];

/** What is not given is the whole proof. */
export function parseSoakOptions(args: readonly string[]): SoakOptions {
  const number = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      broker: { type: "string", default: "3.10" },
      messages: { ...number, default: "1000000" },
      minutes: { ...number, default: "15" },
      seed: { ...number, default: `${Date.now() % 1_000_000_000}` },
      kills: { ...number, default: "20" },
      "client-kills": { ...number, default: "20" },
      resets: { ...number, default: "50" },
      alarms: { ...number, default: "5" },
      "ack-early": { type: "boolean", default: false },
    },
  });
  if (!brokers.includes(values.broker)) throw new Error(`--broker must be one of ${brokers.join(", ")}`);
  const counted = (name: Exclude<keyof typeof values, "broker" | "ack-early">): number => {
    const count = Number(values[name]);
    if (!(count >= 0) || (name !== "minutes" && !Number.isSafeInteger(count)))
      throw new Error(`--${name} must be a number, not ${values[name]}`);
    return count;
  };
  return {
    broker: values.broker as SoakBroker,
    messages: counted("messages"),
    minutes: counted("minutes"),
    seed: counted("seed"),
    brokerKills: counted("kills"),
    clientKills: counted("client-kills"),
    resets: counted("resets"),
    alarms: counted("alarms"),
    ackEarly: values["ack-early"],
  };
}
