import { z } from "zod";
import type { Contender } from "../contender.ts";
import { contender } from "./warren.ts";

/** Warren with a zod schema, checked at both ends. Apart from the other, which does not load zod. */
export const warrenZod: Contender = contender(
  z.object({
    sequence: z.number(),
    id: z.string(),
    region: z.string(),
    total: z.number(),
    lines: z.array(z.string()),
    note: z.string(),
  }),
  true,
);
