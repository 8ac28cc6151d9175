import { BrokerError } from "@warren/message";
import { type AccessRefusal, parseAccessRefusal, parseInvalidArgument } from "./broker-reply.ts";
import type { Step } from "./declaration-steps.ts";

/** A refused declaration in words that say what to do. What the text does not explain stays the broker's own. */
export function explainRefusal(step: Step, refusal: BrokerError): BrokerError {
  const { replyCode, replyText } = refusal;
  if (replyCode === 403) return explainAccess(step, refusal);
  if (replyCode === 404)
    return restated(refusal, `${step.what}: something that it names is not there (${afterDash(replyText)})`);
  if (replyCode === 405)
    return restated(
      refusal,
      `${step.what}: another connection holds it exclusively, or it was declared with another value of exclusive`,
    );
  const argument = parseInvalidArgument(replyText);
  if (argument !== undefined)
    return restated(
      refusal,
      `${step.what}: this broker does not accept ${argument} (${afterDash(replyText)})`,
      { argument },
    );
  return restated(refusal, `${step.what}: ${afterDash(replyText)}`);
}

function explainAccess(step: Step, refusal: BrokerError): BrokerError {
  const access = parseAccessRefusal(refusal.replyText);
  if (access === undefined) return restated(refusal, `${step.what}: ${afterDash(refusal.replyText)}`);
  const { resource, name, vhost, user } = access;
  const permission = access.permission ?? neededPermission(step, access);
  return restated(
    refusal,
    `user "${user}" needs ${permission} permission on ${resource} "${name}" in vhost "${vhost}" to ${step.verb}; grant it, or have the topology declared by someone else and connect with declare: "check"`,
    { permission, resource, name, vhost, user },
  );
}

/** RabbitMQ 3.x names the resource but not the permission; which one it takes follows from the operation. */
function neededPermission(step: Step, { resource, name }: AccessRefusal): string {
  const own = step.kind === resource && step.name === name;
  if (step.kind === "binding") return name === step.source && resource === "exchange" ? "read" : "write";
  if (!own) return "write";
  return step.readsOwn ? "configure and read" : "configure";
}

function restated(
  refusal: BrokerError,
  sentence: string,
  context: Readonly<Record<string, unknown>> = {},
): BrokerError {
  return new BrokerError(refusal.code, sentence, {
    cause: refusal,
    context,
    replyCode: refusal.replyCode,
    replyText: refusal.replyText,
    ...(refusal.method === undefined ? {} : { method: refusal.method }),
    scope: refusal.scope,
  });
}

function afterDash(replyText: string): string {
  return replyText.replace(/^[A-Z_]+ - /, "");
}
