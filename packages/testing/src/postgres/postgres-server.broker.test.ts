import { afterAll, beforeAll, expect } from "vitest";
import type { PostgresServer } from "./postgres-server.ts";
import { startPostgres } from "./start-postgres.ts";
import { testOnPostgres } from "../vitest/test-on.ts";

const test = await testOnPostgres();
let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres({ settings: { wal_level: "logical" } });
});

afterAll(async () => {
  await server.close();
});

test("a private server runs with the settings it was given", async () => {
  expect(await server.sql("show wal_level; select 1 + 1")).toBe("logical\n2");
});

test("what was committed is there after SIGKILL, an immediate stop and an orderly one", async () => {
  await server.sql("create table kept (id int)");
  const ends = [() => server.kill(), () => server.stop("immediate"), () => server.stop()];
  for (const [index, end] of ends.entries()) {
    await server.sql(`insert into kept values (${index})`);
    await end();
    expect(server.pid).toBeUndefined();
    await server.start();
  }
  expect(await server.sql("select count(*) from kept")).toBe("3");
});

test("a failing statement is told in PostgreSQL's words", async () => {
  await expect(server.sql("select * from nothing")).rejects.toThrow('relation "nothing" does not exist');
});
