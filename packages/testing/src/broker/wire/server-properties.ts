import { boolean, fieldTable, longstr, table } from "../codec/field-values.ts";
import type { FieldTable } from "../codec/field-table.ts";
import type { VersionRules } from "../version.ts";

/** What the broker says of itself to whoever asks for no more than a line. */
export const purpose = "for tests and first runs, not for production";

const capabilities = [
  "publisher_confirms",
  "exchange_exchange_bindings",
  "basic.nack",
  "consumer_cancel_notify",
  "connection.blocked",
  "consumer_priorities",
  "authentication_failure_close",
  "per_consumer_qos",
  "direct_reply_to",
];

/**
 * As `connection.start` carries them. Clients read the product, the version and the capabilities, some of them to switch
 * RabbitMQ's extensions on; people read the platform and the information.
 */
export function serverProperties(rules: VersionRules): FieldTable {
  return fieldTable({
    capabilities: table(Object.fromEntries(capabilities.map((name) => [name, boolean(true)]))),
    cluster_name: longstr("warren@embedded"),
    information: longstr(purpose),
    platform: longstr("Warren embedded broker, Node.js"),
    product: longstr("RabbitMQ"),
    version: longstr(rules.versionText),
  });
}
