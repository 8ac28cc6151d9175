import type { Channel, GetMessage } from "amqplib";

/** Gets so many messages and leaves them in the hands of the channel. */
export async function held<Count extends number>(
  channel: Channel,
  queue: string,
  count: Count,
): Promise<Many<Count>> {
  const messages: GetMessage[] = [];
  while (messages.length < count) {
    const message = await channel.get(queue);
    if (message === false) throw new Error(`the queue has ${messages.length} messages, not ${count}`);
    messages.push(message);
  }
  return messages as Many<Count>;
}

/** A tuple, so that the tests may take it apart without asking whether each is there. */
type Many<Count extends number, Found extends GetMessage[] = []> = Found["length"] extends Count
  ? Found
  : Many<Count, [...Found, GetMessage]>;
