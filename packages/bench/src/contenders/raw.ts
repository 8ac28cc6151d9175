import type { Contender } from "../contender.ts";
import { openRawConsumer } from "../raw/raw-consumer.ts";
import { openRawPublisher } from "../raw/raw-publisher.ts";

/** A bare socket and pre-encoded frames: what Node can do at all. */
export const raw: Contender = { openPublisher: openRawPublisher, openConsumer: openRawConsumer };
