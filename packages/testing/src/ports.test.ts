import { createServer } from "node:net";
import { once } from "node:events";
import { expect, test } from "vitest";
import { claimPort } from "./ports.ts";

test("no port is claimed twice until it is released", async () => {
  const claims = await Promise.all(Array.from({ length: 50 }, () => claimPort()));
  expect(new Set(claims.map((claim) => claim.port)).size).toBe(50);
  for (const claim of claims) claim.release();
});

test("a claimed port can be listened on", async () => {
  const claim = await claimPort();
  const server = createServer().listen(claim.port, "127.0.0.1");
  await once(server, "listening");
  expect(server.listening).toBe(true);
  server.close();
  claim.release();
});
