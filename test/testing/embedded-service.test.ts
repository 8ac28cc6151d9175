import { useWatchedBroker } from "@warren/testing/vitest";
import { vi } from "vitest";
import { serviceSuite } from "./service.suite.ts";

vi.setConfig({ testTimeout: 40_000 });

serviceSuite(useWatchedBroker({ broker: "embedded" }));
