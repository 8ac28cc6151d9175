import { expect, test } from "vitest";
import { fitsHash, hashPassword } from "./password-hash.ts";

test("a password fits its hash, and no other one does", () => {
  const hash = hashPassword("s3cret");
  expect(fitsHash(Buffer.from("s3cret"), hash)).toBe(true);
  expect(fitsHash(Buffer.from("s3cre"), hash)).toBe(false);
  expect(hashPassword("s3cret")).not.toBe(hash);
});

test("a hash that a RabbitMQ 3.10.8 made of a password fits it", () => {
  expect(fitsHash(Buffer.from("guest"), "U+IvV4otg8b2fF793FOyaXsHaF9BNpKDKlOMaCcEN2Pw1yKb")).toBe(true);
});

test("no password fits an empty hash", () => {
  for (const password of ["", "x"]) expect(fitsHash(Buffer.from(password), "")).toBe(false);
});
