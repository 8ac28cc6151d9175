import type { Confirmation } from "@warren/message";
import { type Confirmed, publishError, type Target } from "./publish-error.ts";

/** Told once what became of a publish. `target` is where it was sent, once that is known. */
export type Settled = (confirmation: Confirmation, target?: Target) => void;

/** Made apart from the call, whose payload it would hold on to otherwise for as long as it waits. */
export function awaitConfirmed(intended: Target): {
  readonly confirmed: Promise<Confirmed>;
  readonly settled: Settled;
} {
  let settled!: Settled;
  const confirmed = new Promise<Confirmed>((resolve, reject) => {
    settled = (confirmation, target = intended) => {
      if (confirmation.status === "confirmed") resolve(confirmation);
      else reject(publishError(confirmation, target));
    };
  });
  return { confirmed, settled };
}
