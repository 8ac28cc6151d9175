import type { Acknowledgement } from "./acknowledgement.ts";
import type { Delivery } from "./delivery.ts";

/** The rest of the way to the handler. */
export type Next = (delivery: Delivery) => Promise<Acknowledgement>;

/**
 * Something around a handler: it may look at the delivery, change what is passed on, decide without calling `next`,
 * or change the decision. It must settle, and return what `next` gave unless it decides otherwise: what returns nothing is
 * dead-lettered (HANDLER_FAILED). What it throws counts as a throw of the handler.
 */
export type Middleware = (delivery: Delivery, next: Next) => Promise<Acknowledgement>;

/** The first middleware is the outermost. */
export function compose(middleware: readonly Middleware[], handler: Next): Next {
  return middleware.reduceRight<Next>((next, each) => (delivery) => each(delivery, next), handler);
}
