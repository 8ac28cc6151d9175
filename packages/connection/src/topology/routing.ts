/**
 * Whether some routing key fits both a message's pattern (`order.placed.*`, where `*` is one word not known yet)
 * and a topic binding (`*` one word, `#` any number, none included).
 *
 * Word by word through a table, so that the time is the product of the two lengths however many `#` there are.
 */
export function topicsMeet(messagePattern: string, binding: string): boolean {
  const message = messagePattern.split(".");
  // meets[i]: the first i words of the message fit the words of the binding so far.
  let meets = message.map(() => false);
  meets = [true, ...meets];
  for (const word of binding.split(".")) {
    const next = Array.from({ length: message.length + 1 }, () => false);
    next[0] = word === "#" && meets[0] === true;
    for (let i = 1; i <= message.length; i++) {
      next[i] =
        word === "#"
          ? meets[i] === true || next[i - 1] === true
          : meets[i - 1] === true && wordsMeet(message[i - 1]!, word);
    }
    meets = next;
  }
  return meets[message.length] === true;
}

/** Whether the exact key of a direct binding is one that the message can have. */
export function keyMeets(messagePattern: string, key: string): boolean {
  const message = messagePattern.split(".");
  const words = key.split(".");
  return (
    message.length === words.length && message.every((word, index) => word === "*" || word === words[index])
  );
}

function wordsMeet(messageWord: string, bindingWord: string): boolean {
  return bindingWord === "*" || messageWord === "*" || messageWord === bindingWord;
}
