import { join } from "node:path";
import { expect } from "vitest";
import { readEnvironment } from "./environment.ts";
import { findPostgres } from "./postgres/installed.ts";
import { resolveDatabase } from "./resolve-database.ts";
import { runCommand } from "./run-command.ts";
import { testOnPostgres } from "./vitest/test-on.ts";

const test = await testOnPostgres();

test("without DATABASE_URL there is a private server with logical replication, for as long as it is wanted", async () => {
  const psql = join(await findPostgres(), "psql");
  const ask = (url: string): Promise<string> => runCommand([psql, "-tAc", "show wal_level", url]);
  let url: string;
  {
    await using database = await resolveDatabase(readEnvironment({}));
    url = database.url;
    expect(database).toMatchObject({ source: "private server" });
    expect((await ask(url)).trim()).toBe("logical");
  }
  await expect(ask(url)).rejects.toThrow("Connection refused");
});

test("DATABASE_URL goes before everything else, and its password is not told", async () => {
  const url = "postgres://me:geheim@db.example:5432/app";
  await using database = await resolveDatabase(readEnvironment({ DATABASE_URL: url }));
  expect(database).toMatchObject({ source: "DATABASE_URL", url });
  expect(database.description).not.toContain("geheim");
});
