import { AmqpError } from "../amqp-error.ts";

/** A request that is refused, with the status and the body that RabbitMQ gives. */
export class ApiError extends Error {
  readonly status: number;
  readonly body: unknown;

  constructor(status: number, error: string, reason: unknown) {
    super(`${status} ${error}`);
    this.name = "ApiError";
    this.status = status;
    this.body = { error, reason };
  }
}

export function notFound(): ApiError {
  return new ApiError(404, "Object Not Found", "Not Found");
}

export function badRequest(reason: unknown): ApiError {
  return new ApiError(400, "bad_request", reason);
}

export function notAuthorised(reason: string): ApiError {
  return new ApiError(401, "not_authorised", reason);
}

/** What a client on AMQP would be told, in the words of the API: without the name of the code. */
export function fromAmqp({ replyCode, replyText }: AmqpError): ApiError {
  const reason = replyText.slice(replyText.indexOf(" - ") + 3);
  if (replyCode === 403) return notAuthorised("Access refused.");
  return replyCode === 404 ? new ApiError(404, "not_found", reason) : badRequest(reason);
}
