// A process that publishes numbers until it is killed. Its ledger is a file, written before anything else happens:
// `s 7` before the call, `c 7` after the confirm. After `tellAt` confirms it says so on stdout.
import { openSync, writeSync } from "node:fs";
import { argv, stdout } from "node:process";
import { connect } from "@warren/connection";
import { createPublisher } from "../publisher.ts";

const [, , url = "", queue = "", window = "", file = "", tellAt = ""] = argv;
const ledger = openSync(file, "a");
const connection = await connect(url);
const publisher = createPublisher(connection, { maxInFlight: Number(window) });
let next = 0;
let confirmedCount = 0;

async function lane(): Promise<never> {
  for (;;) {
    const number = next++;
    writeSync(ledger, `s ${number}\n`);
    await publisher.publish({
      exchange: "",
      routingKey: queue,
      messageId: `${number}`,
      body: Buffer.from("x"),
    });
    writeSync(ledger, `c ${number}\n`);
    if (++confirmedCount === Number(tellAt)) stdout.write("now\n");
  }
}
await Promise.all(Array.from({ length: Number(window) }, lane));
