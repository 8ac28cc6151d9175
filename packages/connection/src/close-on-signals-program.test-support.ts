import { closeOnSignals } from "./close-on-signals.ts";

/** A program of its own for the tests of the end; what it is given says what there is besides one connection. */
const mode = process.argv[2];
const say = (word: string): void => void process.stdout.write(`${word}\n`);
const other = { close: async () => say("other closed") };

process.on("warning", () => {
  say("warning");
  if (mode === "too-late") closeOnSignals(other, {});
});
if (mode === "after") {
  let done = (): void => undefined;
  const others = new Promise<void>((resolve) => (done = resolve));
  process.on("SIGTERM", () => say("logger"));
  closeOnSignals({ close: async () => undefined }, { after: () => setImmediate(done) });
  closeOnSignals({ close: () => others.then(() => other.close()) }, {});
}
if (mode === "meanwhile")
  closeOnSignals({ close: async () => void closeOnSignals(other, { signals: ["SIGINT", "SIGTERM"] }) }, {});
if (mode === "too-late") {
  process.on("SIGTERM", () => say("logger"));
  closeOnSignals({ close: async () => undefined }, {});
}
process.emit("SIGTERM", "SIGTERM");
