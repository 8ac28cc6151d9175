import { protocolHeader } from "../codec/frames.ts";
import type { VersionRules } from "../version.ts";

/** AMQP 0-9, which RabbitMQ takes for 0-9-1. */
const olderProtocolHeader = Buffer.from("AMQP\u0001\u0001\0\u0009", "latin1");
/** The answer of a RabbitMQ that would speak it; this broker does not. */
const amqp10Header = Buffer.from("AMQP\u0003\u0001\0\0", "latin1");

/** What a client is answered that begins with this header, if it cannot be served: the protocol that it should speak. */
export function refusalOf(header: Buffer, rules: VersionRules): Buffer | undefined {
  if (header.equals(protocolHeader) || header.equals(olderProtocolHeader)) return undefined;
  const isOfThisKind = header.subarray(0, 6).equals(protocolHeader.subarray(0, 6));
  return isOfThisKind || rules.otherProtocolAnswer === "AMQP 0-9-1" ? protocolHeader : amqp10Header;
}
