// 5 × kill -9 of the broker under 150,000 confirmed publishes with 1,000 in flight, to a quorum queue.
// Ends with an error unless: nothing lost, every promise settled, duplicates ≤ replays ≤ kills × window, first copies in order.
import assert from "node:assert/strict";
import { connect } from "@warren/connection";
import { startRabbitMq } from "@warren/testing";
import { declareQuorumQueue, runLedger } from "../src/faults/fault-run.test-support.ts";

const messages = 150_000;
const kills = 5;
const window = 1_000;

await using node = await startRabbitMq();
await declareQuorumQueue(node.url, "killed");
await using connection = await connect(node.url, { reconnect: { baseMs: 50, maxMs: 500 } });
let done = 0;
let restarting = Promise.resolve();
async function killAfter(last: Promise<void>): Promise<void> {
  await last;
  await node.kill();
  await node.start();
}

const ledger = await runLedger(connection, {
  queue: "killed",
  messages,
  options: { maxInFlight: window },
  settled: (count) => {
    if (count < ((done + 0.5) * messages) / kills) return;
    done++;
    restarting = killAfter(restarting);
  },
});
await restarting;
console.log({ version: node.version, kills: done, window, ...ledger, lost: ledger.lost.length });
assert.equal(done, kills);
assert.deepEqual(ledger.outcomes, { confirmed: messages });
assert.deepEqual(ledger.lost, []);
assert.deepEqual(ledger.unexpected, []);
assert.equal(ledger.inversions, 0);
assert.ok(ledger.replays > 0 && ledger.replays <= kills * window, `${ledger.replays} replays`);
assert.ok(
  ledger.duplicates <= ledger.replays,
  `${ledger.duplicates} duplicates of ${ledger.replays} replays`,
);
