import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { fetchLiveState, type ManagementOptions } from "./management-api.ts";

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
});

/** A management API that answers as the test wants, and the URL that names a user and a password. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://ada:s3cret%40home@127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function failure(options: ManagementOptions): Promise<Error> {
  return fetchLiveState(options).then(
    () => expect.fail("it should have been refused"),
    (error: Error) => error,
  );
}

/** An error with everything under it, as a careless logger would print it. */
function everything(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.stack} ${JSON.stringify(error)} ${everything(error.cause)}`;
}

describe("fetchLiveState", () => {
  it("asks as the user in the URL for one virtual host, below the path in front of /api", async () => {
    const seen: string[] = [];
    const url = await serve((request, response) => {
      seen.push(`${request.headers.authorization} ${request.url?.split("?")[0]}`);
      response.end(
        request.url?.includes("/bindings/")
          ? `[{"source":"e","destination":"q","destination_type":"queue","routing_key":"k","arguments":{}}]`
          : `[{"name":"n","type":"topic","durable":true,"auto_delete":false,"internal":false,"exclusive":false,"arguments":{"x":1}}]`,
      );
    });
    const live = await fetchLiveState({ url: `${url}/rabbit/`, vhost: "a/b" });
    const login = `Basic ${Buffer.from("ada:s3cret@home").toString("base64")}`;
    expect(seen.toSorted()).toEqual([
      `${login} /rabbit/api/bindings/a%2Fb`,
      `${login} /rabbit/api/exchanges/a%2Fb`,
      `${login} /rabbit/api/queues/a%2Fb`,
    ]);
    expect(live.queues.get("n")).toEqual({ durable: true, autoDelete: false, exclusive: false, x: 1 });
    expect(live.bindings).toEqual([
      { source: "e", destination: "q", destinationType: "queue", routingKey: "k", arguments: {} },
    ]);
  });

  it.for([
    ["a wrong password", 401, "{}", "ACCESS_REFUSED"],
    ["an unknown virtual host", 404, "{}", "VHOST_NOT_FOUND"],
    ["a broken proxy", 502, "<html>", "PROTOCOL_MISMATCH"],
    ["something else than JSON", 200, "<html>", "PROTOCOL_MISMATCH"],
    ["something else than a list", 200, `{"a":1}`, "PROTOCOL_MISMATCH"],
    ["a list of something else", 200, "[1,2]", "PROTOCOL_MISMATCH"],
    ["a body over the limit", 200, `["${"x".repeat(2_000)}"]`, "PROTOCOL_MISMATCH"],
  ] as const)("tells %s, and no credentials", async ([, status, body, code]) => {
    const url = await serve((_, response) => response.writeHead(status).end(body));
    const error = await failure({ url, maxBodyBytes: 1_000 });
    expect(error).toMatchObject({ code });
    expect(everything(error)).not.toMatch(/s3cret|ada/);
  });

  it("does not follow a redirect, which would take the credentials elsewhere", async () => {
    let elsewhere = 0;
    const other = await serve((_, response) => {
      elsewhere++;
      response.end("[]");
    });
    const url = await serve((_, response) => response.writeHead(302, { location: other }).end());
    await expect(failure({ url })).resolves.toMatchObject({ code: "CONNECT_FAILED" });
    expect(elsewhere).toBe(0);
  });

  it("gives up after timeoutMs when nothing comes", async () => {
    const url = await serve(() => {});
    const error = await failure({ url, timeoutMs: 50 });
    expect(error).toMatchObject({ code: "RPC_TIMEOUT" });
    expect(everything(error)).not.toMatch(/s3cret|ada/);
  });

  it("says that nobody listens", async () => {
    const url = await serve(() => {});
    const [server] = servers.splice(0);
    server!.close();
    await once(server!, "close");
    const error = await failure({ url });
    expect(error).toMatchObject({ code: "CONNECT_FAILED" });
    expect(everything(error)).not.toMatch(/s3cret|ada/);
  });

  it.for(["amqp://ada:s3cret@localhost", "s3cret", "http://ada:s3cret@:99999"])(
    "refuses %s as a URL without repeating it",
    async (url) => {
      const error = await failure({ url });
      expect(error).toMatchObject({ code: "INVALID_URL" });
      expect(everything(error)).not.toMatch(/s3cret/);
    },
  );

  it("refuses a misspelt option", async () => {
    const error = await failure({ url: "http://localhost", timeout: 5 } as ManagementOptions);
    expect(error.message).toContain(`unknown option "timeout". Did you mean "timeoutMs"?`);
  });
});
