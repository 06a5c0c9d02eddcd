// The only place where the vault's frames find each other: same origin, same form, same merchant, same release.
// Nothing here goes by way of the page, and no name or URL is trusted: only a same-origin window lets itself be touched.

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
  /** From now on the coordinator knows the field; what it held before is not asked for. */
  attach(field: FieldPeer): void;
  /** The field goes away: what was typed into it is forgotten. */
  detach(field: FieldPeer): void;
  edit(field: FieldName, text: string, caret: number, edit: Edit): Edited;
  view(field: FieldName): View;
  report(field: FieldName, excluded: number, bin: string | undefined): Report;
}

/** What the coordinator can ask of a field. */
export interface FieldPeer extends Peer {
  readonly name: FieldName;
  /** What the input holds. */
  text(): string;
  /** Something that the field's view depends on changed. */
  refresh(): void;
  /** The card was to be sealed: the field's error is due now, even if it is empty; `code` where the vault found it. */
  demand(code?: Code): void;
}

declare global {
  interface Window {
    cardsealPeer?: CoordinatorPeer | FieldPeer | undefined;
  }
}

export function placeOf(pathname: string): Place | undefined {
  const [, merchant, release, kind] = /^\/f\/([\w-]+)\/([\w.+-]+)\/([a-z_]+)$/.exec(pathname) ?? [];
  return merchant && release && kind ? { merchant, release, kind } : undefined;
}

/** Lets others find this frame. */
export function publish(peer: CoordinatorPeer | FieldPeer | undefined): void {
  window.cardsealPeer = peer;
}

/** The coordinator of this form among the frames beside this one; none if there is no other, or more than one. */
export function findCoordinator(place: Place, form: string): CoordinatorPeer | undefined {
  const found: CoordinatorPeer[] = [];
  for (let index = 0; index < window.parent.length; index++) {
    const peer = touch(window.parent[index]);
    if (
      peer &&
      "attach" in peer &&
      peer.form === form &&
      peer.place.merchant === place.merchant &&
      peer.place.release === place.release
    ) {
      found.push(peer);
    }
  }
  return found.length === 1 ? found[0] : undefined;
}

/** Whether the peer's window is still in the page and still shows the peer's document. */
export function isAttached(peer: CoordinatorPeer | FieldPeer): boolean {
  return touch(peer.home) === peer;
}

function touch(frame: Window | undefined): CoordinatorPeer | FieldPeer | undefined {
  try {
    return frame?.closed ? undefined : frame?.cardsealPeer;
  } catch {
    // Of another origin: the page's own frames, or one that the page navigated.
    return undefined;
  }
}
