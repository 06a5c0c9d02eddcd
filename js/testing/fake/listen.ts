// The test vault on a port of this machine, for what cannot take a function instead of an address.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Cut } from "./tokenize.js";

/** Answers on `port` of 127.0.0.1; 0 takes any free one. */
export async function listen(
  answer: (request: Request) => Promise<Response>,
  port: number,
): Promise<{ readonly server: Server; readonly origin: string }> {
  const server = createServer((incoming, outgoing) => {
    pass(answer, incoming, outgoing).catch((thrown: unknown) => {
      if (!(thrown instanceof Cut)) console.error("cardseal/testing/vault:", thrown);
      incoming.socket.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Ends it and every connection. */
export async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

async function pass(
  answer: (request: Request) => Promise<Response>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const headers = Object.entries(incoming.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  const method = incoming.method ?? "GET";
  const response = await answer(
    new Request(`http://${incoming.headers.host}${incoming.url}`, {
      method,
      headers,
      ...(method !== "GET" && method !== "HEAD" && { body: Buffer.concat(chunks) }),
    }),
  );
  outgoing.writeHead(response.status, [...response.headers].flat());
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}
