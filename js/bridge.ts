// BOUNDARY 2, between the merchant's page and the vault's frames: the only postMessage, the only "message" listener.
// It must never post to "*", nor hear a message that its parser has not taken apart.

import { type FrameMessage, type HostMessage, parseConnect, parseFrameMessage } from "./messages.js";

export interface Greeting {
  /** 128 random bits, the same for every frame of one form. */
  readonly form: string;
  /** The origin of the page that embeds this frame. */
  readonly embedder: string;
}

/** One side's end of the port. */
export interface Link<Message> {
  send(message: Message): void;
  close(): void;
}

/** The page's half of the handshake, after the frame's `load`. Nothing is heard before the frame gave the nonce back. */
export function connect(
  frame: HTMLIFrameElement,
  vault: string,
  form: string,
  hear: (message: FrameMessage) => void,
): Link<HostMessage> {
  const { port1, port2 } = new MessageChannel();
  const nonce = makeId();
  let connected = false;
  port1.onmessage = (event) => {
    const message = parseFrameMessage(event.data);
    if (message?.kind === "connected") connected ||= message.nonce === nonce;
    if (message && connected) hear(message);
  };
  // The target is the vault's origin: whatever else the frame shows by now cannot receive the port.
  frame.contentWindow?.postMessage({ v: 1, kind: "connect", nonce, form }, vault, [port2]);
  return linkOf(port1);
}

/** The frame's half: accepts one `connect` in the life of the document, and only from the window that embeds it. */
export function accept<Message>(
  parse: (value: unknown) => Message | undefined,
  open: (link: Link<FrameMessage>, greeting: Greeting) => (message: Message) => void,
): void {
  const listener = (event: MessageEvent<unknown>): void => {
    if (event.source !== window.parent || window.parent === window) return;
    const greeting = parseConnect(event.data);
    const embedder = embeddingOrigin(event.origin, location.ancestorOrigins?.[0]);
    const port = event.ports[0];
    if (!greeting || !embedder || !port) return;
    removeEventListener("message", listener);
    const link = linkOf<FrameMessage>(port);
    // First of all: the page hears nothing that comes before it.
    link.send({ v: 1, kind: "connected", nonce: greeting.nonce });
    const hear = open(link, { form: greeting.form, embedder });
    port.onmessage = (later) => {
      const message = parse(later.data);
      if (message) hear(message);
    };
  };
  addEventListener("message", listener);
}

/**
 * The origin that goes into the seal: what the browser says of the ancestor, which must be what it says of the sender.
 * Firefox masks the ancestor as "null" under `referrerpolicy="no-referrer"`; then the sender alone counts.
 */
export function embeddingOrigin(sender: string, ancestor: string | undefined): string | undefined {
  if (sender === "" || sender === "null") return undefined;
  const masked = ancestor === undefined || ancestor === "" || ancestor === "null";
  return masked || ancestor === sender ? sender : undefined;
}

/** 128 random bits, as hex. */
export function makeId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

/** What both sides know once they are connected. */
function linkOf<Message>(port: MessagePort): Link<Message> {
  return {
    send: (message) => port.postMessage(message),
    close: () => {
      port.onmessage = null;
      port.close();
    },
  };
}
