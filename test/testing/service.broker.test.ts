import { useWatchedBroker } from "@warren/testing/vitest";
import { serviceSuite } from "./service.suite.ts";

serviceSuite(useWatchedBroker());
