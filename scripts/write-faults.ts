// pnpm faults: writes docs/faults.md, the table of the faults and their tests.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { faultPage } from "../test/faults/fault-page.ts";
import { root } from "../test/repository.ts";

await writeFile(join(root, "docs", "faults.md"), faultPage());
