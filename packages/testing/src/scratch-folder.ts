import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reaper } from "./reaper.ts";

export interface ScratchFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** A new folder that is removed at the latest when this process ends. */
export async function makeScratchFolder(what: string): Promise<ScratchFolder> {
  const path = await mkdtemp(join(await realpath(tmpdir()), `warren-${what}-`));
  reaper.ownFolder(path);
  return {
    path,
    remove: async () => {
      await rm(path, { recursive: true, force: true, maxRetries: 5 });
      reaper.disownFolder(path);
    },
  };
}
