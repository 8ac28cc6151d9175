import { useBroker } from "@warren/testing/vitest";
import { declareTopologySuite } from "./declare-topology.suite.ts";
import { planTopologySuite } from "./plan-topology.suite.ts";
import { retryLadderSuite } from "./retry-ladder.suite.ts";

const broker = useBroker();
const url = (): string => broker.url;

declareTopologySuite(url);
planTopologySuite(url);
retryLadderSuite(url);
