import { Failure } from "../failure.ts";

export interface Target {
  readonly exchange: string;
  readonly routingKey: string;
}

/**
 * Where `-e`, `-k` and `-Q` send a message; what they leave open is left to the envelope.
 *
 * @throws Failure 64 when they contradict each other
 */
export function targetOf(written: {
  readonly exchange: string | undefined;
  readonly "routing-key": string | undefined;
  readonly queue: string | undefined;
}): Partial<Target> {
  const { exchange, "routing-key": routingKey, queue } = written;
  if (queue === undefined)
    return {
      ...(exchange === undefined ? {} : { exchange }),
      ...(routingKey === undefined ? {} : { routingKey }),
    };
  if (exchange !== undefined || routingKey !== undefined)
    throw new Failure(
      64,
      "--queue goes through the default exchange: use either --queue, or --exchange and --routing-key",
    );
  return { exchange: "", routingKey: queue };
}

export function noTarget(reason?: string): Failure {
  const words = "say where to: --queue NAME, or --exchange NAME --routing-key KEY";
  return new Failure(64, reason === undefined ? words : `${reason}; ${words}`);
}
