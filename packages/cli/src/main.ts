#!/usr/bin/env node
import { runCli, tellUncaught } from "./cli.ts";
import { processIo } from "./io.ts";

// Also hides the arguments from the list of processes: a URL may hold a password.
process.title = "warren";

const argv = process.argv.slice(2);
const io = processIo();
process.on("uncaughtException", (error) => io.kill(tellUncaught(error, argv, io)));
process.exitCode = await runCli(argv, io);
