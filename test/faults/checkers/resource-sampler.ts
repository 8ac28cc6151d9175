export interface Resources {
  readonly rssBytes: number;
  readonly bufferBytes: number;
  readonly heapBytes: number;
  /** Sockets, timers and whatever else keeps the process alive. */
  readonly handleCount: number;
}

export type Limits = { readonly [Resource in keyof Resources]?: number };

function sample(): Resources {
  const { rss, arrayBuffers, heapUsed } = process.memoryUsage();
  const handleCount = process.getActiveResourcesInfo().length;
  return { rssBytes: rss, bufferBytes: arrayBuffers, heapBytes: heapUsed, handleCount };
}

/** K6: how much of a resource a run took at its highest, above what was taken when the sampler began. */
export class ResourceSampler implements Disposable {
  readonly #take: () => Resources;
  readonly #begin: Resources;
  readonly #timer: NodeJS.Timeout;
  #highest: Resources;

  constructor(options: { readonly everyMs?: number; readonly take?: () => Resources } = {}) {
    this.#take = options.take ?? sample;
    this.#begin = this.#take();
    this.#highest = this.#begin;
    this.#timer = setInterval(() => this.look(), options.everyMs ?? 10).unref();
  }

  look(): void {
    const now = this.#take();
    const higher = (resource: keyof Resources): number => Math.max(this.#highest[resource], now[resource]);
    this.#highest = {
      rssBytes: higher("rssBytes"),
      bufferBytes: higher("bufferBytes"),
      heapBytes: higher("heapBytes"),
      handleCount: higher("handleCount"),
    };
  }

  growth(resource: keyof Resources): number {
    this.look();
    return this.#highest[resource] - this.#begin[resource];
  }

  /** The resources that grew beyond their limits. */
  problems(limits: Limits): readonly string[] {
    return (Object.keys(limits) as (keyof Resources)[]).flatMap((resource) => {
      const growth = this.growth(resource);
      return growth <= limits[resource]! ? [] : [`${resource} grew by ${growth}, over ${limits[resource]}`];
    });
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
