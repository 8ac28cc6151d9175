// pnpm prove codec-fuzz [FRAMES] [SEED]: in four processes, with four seeds from SEED on.
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { fuzzCodec, type FuzzSummary } from "../src/broker/codec/codec-fuzz.test-support.ts";

const processes = 4;
const [frames = "10000000", seed = "1", role] = process.argv.slice(2);

if (role === "part") {
  // Two refusals in three are errors whose stack nobody reads.
  Error.stackTraceLimit = 0;
  process.send!(fuzzCodec({ frames: Number(frames), seed: Number(seed) }));
} else {
  const begun = performance.now();
  const summaries = await Promise.all(
    Array.from({ length: processes }, async (_, index) => {
      const args = [String(Number(frames) / processes), String(Number(seed) + index), "part"];
      const part = fork(fileURLToPath(import.meta.url), args);
      const message = once(part, "message");
      const [exitCode] = (await once(part, "exit")) as [number];
      if (exitCode !== 0) throw new Error(`seed ${args[1]} has found something, see above`);
      return ((await message) as [FuzzSummary])[0];
    }),
  );
  const sum = (count: (summary: FuzzSummary) => number): number =>
    summaries.reduce((total, summary) => total + count(summary), 0);
  const refused = [501, 502, 505, 540, 541].map(
    (code) => `${code}: ${sum((each) => each.refused[code] ?? 0)}`,
  );
  console.log(`mutated frames: ${frames}, seeds: ${seed} to ${Number(seed) + processes - 1}`);
  console.log(`read to the end: ${sum((each) => each.accepted)}, refused: { ${refused.join(", ")} }`);
  console.log(`methods: ${sum((each) => each.methods)}, content headers: ${sum((each) => each.headers)}`);
  console.log(`encoded again without a loss: ${sum((each) => each.encodedAgain)}`);
  console.log(`slowest: ${Math.max(...summaries.map((each) => each.slowestMs)).toFixed(1)} ms (limit 50)`);
  const largest = Math.max(...summaries.map((each) => each.largestAllocationBytes));
  console.log(`largest allocation: ${largest} bytes (limit 196608)`);
  console.log(`anything but an AmqpError: 0, seconds: ${Math.round((performance.now() - begun) / 1000)}`);
}
