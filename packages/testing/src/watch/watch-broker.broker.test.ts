import { useBroker } from "../vitest/use-broker.ts";
import { watchedSuite } from "./watched.suite.ts";

const broker = useBroker();

watchedSuite(() => broker);
