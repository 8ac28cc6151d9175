/**
 * Every code of every error that Warren throws, a closed set. `docs/errors.md` has a section for each, and a test
 * proves both directions.
 */
export const errorCodes = [
  // ConfigError
  "INVALID_OPTION",
  "INVALID_URL",
  "INVALID_MESSAGE",
  "INVALID_TOPOLOGY",
  // ConnectionError
  "CONNECT_FAILED",
  "CONNECT_TIMEOUT",
  "ACCESS_REFUSED",
  "VHOST_NOT_FOUND",
  "TLS_FAILED",
  "PROTOCOL_MISMATCH",
  "CONNECTION_LOST",
  "CONNECTION_CLOSED",
  "HEARTBEAT_MISSED",
  "RPC_TIMEOUT",
  "CHANNEL_LOST",
  // BrokerError: the AMQP reply codes
  "BROKER_ACCESS_REFUSED",
  "BROKER_NOT_FOUND",
  "BROKER_RESOURCE_LOCKED",
  "BROKER_PRECONDITION_FAILED",
  "BROKER_INTERNAL_ERROR",
  "BROKER_REFUSED",
  "TOPOLOGY_DRIFT",
  // PublishError
  "PUBLISH_RETURNED",
  "PUBLISH_NACKED",
  "PUBLISH_REFUSED",
  "PUBLISH_INVALID",
  "PUBLISH_TIMEOUT",
  "PUBLISH_UNKNOWN",
  "PUBLISH_BUFFER_FULL",
  "PUBLISHER_CLOSED",
  "REQUEST_TIMEOUT",
  "REQUEST_ABORTED",
  "REQUEST_LOST",
  "REPLY_FAILED",
  // DeliveryError
  "DECODE_FAILED",
  "SCHEMA_FAILED",
  "UNKNOWN_TYPE",
  "HANDLER_FAILED",
  "HANDLER_TIMEOUT",
  "DELIVERY_LIMIT",
  "KEY_BLOCKED",
  "CONSUMER_FAILED",
  // StoreError
  "STORE_FAILED",
] as const;

export type ErrorCode = (typeof errorCodes)[number];
