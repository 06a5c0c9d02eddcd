// The only place where the vault's frames find each other: same origin, same form, same merchant, same release.
// Nothing here goes by way of the page, and no name or URL is trusted: only a same-origin window lets itself be touched.

import type { Brand } from "../brands.js";
import type { Code } from "../errors.js";
import type { FieldName } from "../messages.js";
import type { Edit, Edited, Report, View } from "./core.js";

/** Where this frame's document stands: `/f/{merchant}/{release}/{kind}`. */
export interface Place {
  readonly merchant: string;
  readonly release: string;
  readonly kind: string;
}

interface Peer {
  readonly place: Place;
  readonly form: string;
  readonly home: Window;
}

/** What a field can ask of its coordinator, directly and synchronously. */
export interface CoordinatorPeer extends Peer {
  /** From now on the coordinator knows the field; what it held before is not asked for. Throws if it knows one of that name. */
  attach(field: FieldPeer): void;
  /** The field goes away: what was typed into it is forgotten. */
  detach(field: FieldPeer): void;
  edit(field: FieldName, text: string, caret: number, edit: Edit): Edited;
  view(field: FieldName): View;
  report(field: FieldName, told: readonly string[]): Report;
  /** What the number shall be paid over, of networks to choose from; the issuer's preference if it is none of them. */
  prefer(network: Brand | undefined): void;
  /** The year that it is, by the context if there is one. */
  year(): number;
  /** A browser filled in what is meant for another field, which takes it if it may. */
  fill(field: FieldName, text: string): void;
  /** A browser filled the field; the page is told, once for all fields of a gesture. */
  filled(field: FieldName): void;
}

/** What the coordinator can ask of a field. */
export interface FieldPeer extends Peer {
  readonly name: FieldName;
  /** What the input holds. */
  text(): string;
  /** Nothing of it is to stay. */
  clear(): void;
  /** Something that the field's view depends on changed. */
  refresh(): void;
  /** A browser filled this in, in another frame; nothing that was typed gives way to it. */
  fill(text: string): void;
  /** The fields of other frames, which its document is to have mirrors of. */
  mirror(fields: readonly FieldName[]): void;
  /** The card was to be sealed: the field's error is due now, even if it is empty; `code` where the vault found it. */
  demand(code?: Code): void;
}

declare global {
  interface Window {
    cardsealPeers?: readonly (CoordinatorPeer | FieldPeer)[] | undefined;
  }
}

export function placeOf(pathname: string): Place | undefined {
  const [, merchant, release, kind] = /^\/f\/([\w-]+)\/([\w.+-]+)\/([a-z_]+)$/.exec(pathname) ?? [];
  return merchant && release && kind ? { merchant, release, kind } : undefined;
}

/** Lets others find this frame, or one more field of it. */
export function publish(peer: CoordinatorPeer | FieldPeer): void {
  window.cardsealPeers = [...(window.cardsealPeers ?? []), peer];
}

/** The coordinator of this form among the frames beside this one; none if there is no other, or more than one. */
export function findCoordinator(place: Place, form: string): CoordinatorPeer | undefined {
  const found: CoordinatorPeer[] = [];
  for (let index = 0; index < window.parent.length; index++) {
    for (const peer of touch(window.parent[index])) {
      if (
        "attach" in peer &&
        peer.form === form &&
        peer.place.merchant === place.merchant &&
        peer.place.release === place.release
      ) {
        found.push(peer);
      }
    }
  }
  return found.length === 1 ? found[0] : undefined;
}

/** Whether the peer's window is still in the page and still shows the peer's document. */
export function isAttached(peer: CoordinatorPeer | FieldPeer): boolean {
  return touch(peer.home).includes(peer);
}

function touch(frame: Window | undefined): readonly (CoordinatorPeer | FieldPeer)[] {
  try {
    const peers = frame?.closed ? undefined : frame?.cardsealPeers;
    // A frame of another origin answers too, where it has a frame of that name: with a window.
    return Array.isArray(peers) ? peers : [];
  } catch {
    // Of another origin: the page's own frames, or one that the page navigated.
    return [];
  }
}
