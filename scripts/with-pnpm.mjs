// Runs a pnpm script on a machine that may have nothing but Node: installs the dependencies first, with the
// pnpm that package.json pins. Usage: node scripts/with-pnpm.mjs run <script> [args…]
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const { packageManager } = JSON.parse(readFileSync(`${root}/package.json`, "utf8"));
const version = packageManager.replace("pnpm@", "");
const windows = process.platform === "win32";

const sh = (command, args, stdio) => spawnSync(command, args, { cwd: root, stdio, shell: windows, encoding: "utf8" });

const installed = sh("pnpm", ["--version"], "pipe");
const pnpm = installed.status === 0 && installed.stdout.trim() === version ? ["pnpm"] : ["npx", "--yes", packageManager];

const run = (...args) => {
  const [command, ...prefix] = pnpm;
  const { status } = sh(command, [...prefix, ...args], "inherit");
  if (status !== 0) process.exit(status ?? 1);
};

run("install", "--frozen-lockfile", "--prefer-offline", "--loglevel=warn");
run(...process.argv.slice(2));
