import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { BrokerAddress } from "../uri.ts";
import { HostRotation } from "./host-rotation.ts";

function hosts(count: number): BrokerAddress[] {
  return Array.from({ length: count }, (_, index) => ({
    tls: false,
    host: `h${index}`,
    port: 1,
    vhost: "/",
  }));
}

test("every host is tried once before any is tried again, in the same order each time", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true })),
      (count, draws) => {
        let drawn = 0;
        const rotation = new HostRotation(hosts(count), () => draws[drawn++ % draws.length] ?? 0.5);
        const round = (): string[] => Array.from({ length: count }, () => rotation.next().host);
        const first = round();
        expect(new Set(first).size).toBe(count);
        expect(round()).toEqual(first);
      },
    ),
  );
});

test("different clients begin with different hosts", () => {
  const firsts = new Set(
    Array.from({ length: 200 }, () => new HostRotation(hosts(3), Math.random).next().host),
  );
  expect(firsts.size).toBe(3);
});
