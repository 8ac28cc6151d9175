// The long ledger: messages through random faults of broker, network and client processes, drawn from a printed seed.
//   pnpm prove soak [--broker 3.10|4|cluster|cluster-4] [--messages N] [--minutes N] [--seed N]
//                   [--kills N] [--client-kills N] [--resets N] [--alarms N] [--ack-early]
// Ends with an error unless: every fault hit a publish and a delivery in flight, nothing lost, nothing unexpected, no
// more duplicates than were in flight, every promise settled, the broker empty, no connection, channel, consumer or
// handle left. --ack-early is a bug that it has to find.
import { parseSoakOptions } from "../../../test/soak/soak-options.ts";
import { soakRecord } from "../../../test/soak/soak-record.ts";
import { runSoak } from "../../../test/soak/soak.ts";

const options = parseSoakOptions(process.argv.slice(2));
const result = await runSoak(options, console.log);
console.log(`\n${soakRecord(options, result)}`);
process.exitCode = result.problems.length === 0 ? 0 : 1;
