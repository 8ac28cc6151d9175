import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

const saltBytes = 4;

/** As RabbitMQ keeps a password and shows it in definitions: four bytes of salt, SHA-256 of salt and password, in base64. */
export function hashPassword(password: string): string {
  const salt = randomBytes(saltBytes);
  return Buffer.concat([salt, digest(salt, Buffer.from(password))]).toString("base64");
}

/** No password fits an empty hash, which stands for a user who has none. */
export function fitsHash(password: Buffer, passwordHash: string): boolean {
  const bytes = Buffer.from(passwordHash, "base64");
  const expected = bytes.subarray(saltBytes);
  const found = digest(bytes.subarray(0, saltBytes), password);
  return found.length === expected.length && timingSafeEqual(found, expected);
}

function digest(salt: Buffer, password: Buffer): Buffer {
  return createHash("sha256").update(salt).update(password).digest();
}
