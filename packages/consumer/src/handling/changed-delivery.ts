import type { Delivery, Headers, MessageProperties } from "@warren/message";

/** What a middleware may pass on differently. */
export interface DeliveryChange {
  readonly payload?: unknown;
  readonly signal?: AbortSignal;
}

/** The same delivery with another payload or signal; what is costly is still made only when it is asked for. */
export function changeDelivery(delivery: Delivery, change: DeliveryChange): Delivery {
  return new ChangedDelivery(delivery, change);
}

class ChangedDelivery implements Delivery {
  readonly #delivery: Delivery;
  readonly #change: DeliveryChange;

  constructor(delivery: Delivery, change: DeliveryChange) {
    this.#delivery = delivery;
    this.#change = change;
  }

  get payload(): unknown {
    return "payload" in this.#change ? this.#change.payload : this.#delivery.payload;
  }

  get signal(): AbortSignal {
    return this.#change.signal ?? this.#delivery.signal;
  }

  get body(): Uint8Array {
    return this.#delivery.body;
  }

  get properties(): MessageProperties {
    return this.#delivery.properties;
  }

  get headers(): Headers {
    return this.#delivery.headers;
  }

  get exchange(): string {
    return this.#delivery.exchange;
  }

  get routingKey(): string {
    return this.#delivery.routingKey;
  }

  get queue(): string {
    return this.#delivery.queue;
  }

  get messageId(): string | undefined {
    return this.#delivery.messageId;
  }

  get redelivered(): boolean {
    return this.#delivery.redelivered;
  }

  get attempt(): number {
    return this.#delivery.attempt;
  }

  get deliveryCount(): number | undefined {
    return this.#delivery.deliveryCount;
  }

  get streamOffset(): number | undefined {
    return this.#delivery.streamOffset;
  }

  get receivedAt(): Date {
    return this.#delivery.receivedAt;
  }
}
