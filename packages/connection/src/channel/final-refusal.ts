import { BrokerError, type WarrenError } from "@warren/message";

/**
 * Refused permissions and settings stay refused. Not so what is not there (404), an exclusive queue (405), a broker in
 * trouble (541) and one that says nothing.
 */
export function isFinal(error: WarrenError): boolean {
  return error instanceof BrokerError && (error.replyCode === 403 || error.replyCode === 406);
}
