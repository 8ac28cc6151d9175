/** The object every contender serialises and decodes. A type and no interface, so that any JSON type accepts it. */
export type Order = {
  readonly sequence: number;
  readonly id: string;
  readonly region: string;
  readonly total: number;
  readonly lines: readonly string[];
  readonly note: string;
};

export const orderType = "order.placed";
export const orderContentType = "application/json";

/** Sequences are as wide as this number, so that every body of a scenario has the same length. */
const firstSequence = 10_000_000;

/**
 * Makes orders whose JSON is exactly `bodyBytes` long (86 at least), each a new object with its own number from 0 on.
 * The seed decides the filling, the same for all contenders of a round.
 */
export function orderMaker(bodyBytes: number, seed: number): (index: number) => Order {
  const bare = JSON.stringify(makeOrder(0, [], "")).length;
  const room = bodyBytes - bare;
  if (room < 0) throw new RangeError(`an order cannot be shorter than ${bare} bytes`);
  const lines: string[] = [];
  let left = room;
  while (left > 400) {
    const line = filling(seed + lines.length, 197);
    lines.push(line);
    left -= lines.length === 1 ? line.length + 2 : line.length + 3;
  }
  const note = filling(seed, left);
  return (index) => makeOrder(index, lines, note);
}

/** The place of an order in its run, and a check that it came through whole. */
export function orderIndex(order: Order): number {
  return order.sequence - firstSequence;
}

function makeOrder(index: number, lines: readonly string[], note: string): Order {
  const sequence = firstSequence + index;
  return { sequence, id: `o-${sequence}`, region: "eu", total: 42.5, lines, note };
}

/** Printable text without JSON escapes, from a small linear congruential generator. */
function filling(seed: number, length: number): string {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  let text = "";
  for (let i = 0; i < length; i += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text += String.fromCharCode(97 + ((state >>> 16) % 26));
  }
  return text;
}
