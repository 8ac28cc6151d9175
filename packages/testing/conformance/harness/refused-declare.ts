import type { ConformanceBroker } from "./conformance-broker.ts";
import { refused, type Refusal } from "./refused.ts";

/** What a declare of a queue with the arguments is refused with; the queue is called Q there, and its virtual host V. */
export async function refusedDeclare(broker: ConformanceBroker, given: object): Promise<Refusal> {
  const channel = await broker.channel();
  const queue = broker.name("refused");
  const { code, text } = await refused(channel, () => channel.assertQueue(queue, { arguments: given }));
  return { code, text: text.replaceAll(`'${queue}'`, "Q").replaceAll(`'${broker.vhost}'`, "V") };
}
