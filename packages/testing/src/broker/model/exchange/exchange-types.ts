import { AmqpError } from "../../amqp-error.ts";
import type { VersionRules } from "../../version.ts";
import { DirectRouter } from "../routing/direct-router.ts";
import { FanoutRouter } from "../routing/fanout-router.ts";
import { HeadersRouter } from "../routing/headers-router.ts";
import type { Router } from "../routing/router.ts";
import { TopicRouter } from "../routing/topic-router.ts";

/** @throws AmqpError for a type that there is not: 503 in RabbitMQ 3, 406 in 4. */
export function checkExchangeType(type: string, rules: VersionRules): void {
  createRouter(type, rules);
}

/** @throws AmqpError as {@link checkExchangeType} does */
export function createRouter<Destination>(type: string, rules: VersionRules): Router<Destination> {
  switch (type) {
    case "direct":
      return new DirectRouter();
    case "fanout":
      return new FanoutRouter();
    case "topic":
      return new TopicRouter();
    case "headers":
      return new HeadersRouter(rules.headersComparison);
    default: {
      const adjective = type === "" ? "invalid" : "unknown";
      throw new AmqpError(rules.unknownExchangeTypeCode, `${adjective} exchange type '${type}'`);
    }
  }
}
