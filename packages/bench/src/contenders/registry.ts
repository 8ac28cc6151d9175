import type { Contender } from "../contender.ts";

/** Loaded by name, so that a child process holds the code of its own contender only. */
export const contenders: Readonly<Record<string, () => Promise<Contender>>> = {
  warren: async () => (await import("./warren.ts")).warren,
  "warren-zod": async () => (await import("./warren-zod.ts")).warrenZod,
  amqplib: async () => (await import("./amqplib.ts")).amqplib,
  raw: async () => (await import("./raw.ts")).raw,
};

/** What the ratios are measured against. */
export const reference = "amqplib";
