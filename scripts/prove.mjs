// pnpm prove NAME: runs packages/*/prove/NAME.ts or .sh, a proof too long for `npm test`. Without a name it lists them.
// What a run showed is kept in docs/proofs/NAME.md: summary, seed, command.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const proofs = new Map();
for (const name of readdirSync(join(root, "packages"))) {
  const folder = join(root, "packages", name, "prove");
  if (!existsSync(folder)) continue;
  // A .ts beside a .sh of the same name is started by it.
  for (const file of readdirSync(folder)
    .filter((name) => /\.(ts|sh)$/.test(name))
    .sort())
    proofs.set(file.replace(/\.(ts|sh)$/, ""), join(folder, file));
}

const [name, ...args] = process.argv.slice(2);
const file = proofs.get(name);
if (file === undefined) {
  if (name !== undefined) console.error(`There is no proof "${name}".`);
  console.log(["pnpm prove NAME, one of:", ...proofs.keys()].join("\n  "));
  process.exitCode = name === undefined ? 0 : 64;
} else {
  const command = file.endsWith(".sh")
    ? ["sh", file]
    : [process.execPath, "--import", "tsx", "--conditions=dev", file];
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  const { status } = spawnSync(command[0], [...command.slice(1), ...args], {
    cwd: root,
    stdio: "inherit",
    env,
  });
  process.exitCode = status ?? 1;
}
