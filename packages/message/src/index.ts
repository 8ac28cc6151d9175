// For applications
export { BrokerError, ConfigError, ConnectionError, DeliveryError, PublishError, StoreError, WarrenError } from "./errors.ts";
export type { Confirmation } from "./confirmation.ts";

// For library authors
export { errorCodes, type ErrorCode } from "./error-codes.ts";
export type { BrokerErrorDetails, ErrorContext, ErrorDetails } from "./errors.ts";
