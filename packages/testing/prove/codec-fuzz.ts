// pnpm prove codec-fuzz [FRAMES] [SEED]
import { fuzzCodec } from "../src/broker/codec/codec-fuzz.test-support.ts";

const [frames = "10000000", seed = "1"] = process.argv.slice(2);
const begun = performance.now();
console.log(`seed: ${seed}, frames: ${frames}`);
const { refused, ...summary } = fuzzCodec({ frames: Number(frames), seed: Number(seed) });
console.log("refused by reply code:", refused);
console.log(summary);
console.log(
  `seconds: ${Math.round((performance.now() - begun) / 1000)}, rss: ${process.memoryUsage.rss() >> 20} MiB`,
);
