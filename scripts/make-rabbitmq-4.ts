// Puts in place the RabbitMQ 4 that some tests want, so that none of them has to wait for it.
import { chooseInstallation } from "../packages/testing/src/rabbitmq/choose-installation.ts";

const { version, home } = await chooseInstallation("4");
console.log(`RabbitMQ ${version} is in ${home.onDisk}`);
