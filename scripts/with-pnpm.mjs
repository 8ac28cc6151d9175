// Runs a pnpm script on a machine that may have nothing but Node: installs the dependencies first, with the
// pnpm that package.json pins. Usage: node scripts/with-pnpm.mjs run <script> [args…]
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const { packageManager } = JSON.parse(readFileSync(`${root}/package.json`, "utf8"));
const version = packageManager.replace("pnpm@", "");
const windows = process.platform === "win32";

// Where pnpm is a shim of corepack, that must not ask before it downloads the pinned one.
const env = { ...process.env, COREPACK_ENABLE_DOWNLOAD_PROMPT: "0" };
const options = { cwd: root, env, shell: windows };

const installed = spawnSync("pnpm", ["--version"], { ...options, encoding: "utf8" });
const usable = installed.status === 0 && installed.stdout.trim() === version;
const pnpm = usable ? ["pnpm"] : ["npx", "--yes", packageManager];

/** Runs pnpm to its end, and all that it started with it. */
async function run(...args) {
  const [command, ...prefix] = pnpm;
  // A session of its own, so that a signal reaches every process in it, however many shells stand in between.
  const child = spawn(command, [...prefix, ...args], {
    ...options,
    stdio: ["ignore", "inherit", "inherit"],
    detached: !windows,
  });
  const stopForwarding = forwardSignals(child.pid);
  const status = await new Promise((resolve) => {
    child.once("error", (error) => {
      console.error(`${command} cannot be run: ${error.message}`);
      resolve(127);
    });
    child.once("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
  // A shell that a signal ended may have left a program behind that still cleans up.
  while (reaches(child.pid, 0)) await sleep(50);
  stopForwarding();
  if (status !== 0) process.exit(status);
}

/** Passes signals on to a process group, until the returned function is called. */
function forwardSignals(group) {
  let lastAt = -Infinity;
  const forward = (signal) => {
    // npm passes on what the terminal has already sent to all: that is one Ctrl-C, not two.
    if (performance.now() - lastAt > 1_000) reaches(group, signal);
    lastAt = performance.now();
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, forward);
  // A signal for npm alone ends at the shell between npm and this script: all that is seen of it is a new parent.
  const parent = process.ppid;
  const watch = setInterval(() => process.ppid === parent || forward("SIGTERM"), 250);
  return () => {
    clearInterval(watch);
    for (const signal of signals) process.off(signal, forward);
  };
}

/** Sends a signal to a process group; false when nobody is left in it, or the system has no such groups. */
function reaches(group, signal) {
  try {
    return !windows && process.kill(-group, signal);
  } catch {
    return false;
  }
}

await run(
  "install",
  "--frozen-lockfile",
  "--prefer-offline",
  "--config.confirmModulesPurge=false",
  "--loglevel=warn",
);
await run(...process.argv.slice(2));
