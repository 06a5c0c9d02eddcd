"use client";

// React components over the public API. Frames are made and removed in effects: rendering on a server makes none, and a
// StrictMode's second mount leaves one form.

import type { FieldEvents, FieldHandle, Fields, MountName, MountOptions, Options } from "cardseal";
import { createFields } from "cardseal";
import {
  createContext,
  createElement,
  type HTMLAttributes,
  type ReactElement,
  type ReactNode,
  useContext,
  useEffect,
  useRef,
  useState,
} from "react";

/** What `<CardForm>` takes: the options of createFields(), of which theme, style, locale and messages may change. */
export interface CardFormProps extends Options {
  readonly children?: ReactNode;
  /** No field could be used, or no context was accepted. */
  readonly onLoadError?: ((event: FieldEvents["loaderror"]) => void) | undefined;
}

const HANDLERS = {
  ready: "onReady",
  loaderror: "onLoadError",
  change: "onChange",
  focus: "onFocus",
  blur: "onBlur",
  brand: "onBrand",
  networks: "onNetworks",
  autofill: "onAutofill",
  covered: "onCovered",
  enter: "onEnter",
  escape: "onEscape",
} as const satisfies Record<keyof FieldEvents, string>;

/** The events of a field, as props. */
export type CardFieldHandlers = {
  readonly [Name in keyof FieldEvents as (typeof HANDLERS)[Name]]?:
    | ((event: FieldEvents[Name]) => void)
    | undefined;
};

/** What a field's component takes: the options of mount(), its events as `onChange` and the like, and its element's `id`, `className` and `hidden`. */
export type CardFieldProps<Name extends MountName> = MountOptions[Name] &
  CardFieldHandlers &
  Pick<HTMLAttributes<HTMLDivElement>, "id" | "className" | "hidden">;

const Form = createContext<Fields | undefined>(undefined);

/** A form of hosted fields around the components of its fields. It is made anew if `vault` or `merchant` change. */
export function CardForm({ children, onLoadError, ...options }: CardFormProps): ReactElement {
  const [fields, setFields] = useState<Fields>();
  // A function that is made at each render is no other form.
  const latest = useLatest({ options, onLoadError });
  const { vault, merchant, theme, style, locale, messages } = options;
  useEffect(() => {
    const context = () => latest.current.options.context();
    const made = createFields({ ...latest.current.options, vault, merchant, context });
    made.on("loaderror", (event) => latest.current.onLoadError?.(event));
    setFields(made);
    return () => {
      setFields(undefined);
      made.destroy();
    };
  }, [vault, merchant, latest]);
  useUpdates(fields, { theme, style, locale, messages });
  return createElement(Form.Provider, { value: fields }, children);
}

/** The form of the nearest `<CardForm>`, to tokenize with; `undefined` until it was made, and on a server. */
export function useCardFields(): Fields | undefined {
  return useContext(Form);
}

/** The card number. */
export const CardNumber = makeComponent("number");
/** The expiry date in one input. */
export const CardExpiry = makeComponent("expiry");
/** The month of the expiry, beside `<CardYear>`. */
export const CardMonth = makeComponent("month");
/** The year of the expiry, beside `<CardMonth>`. */
export const CardYear = makeComponent("year");
/** The security code. */
export const CardCvc = makeComponent("cvc");
/** The cardholder's name. */
export const CardName = makeComponent("name");
/** The postal code. */
export const CardPostalCode = makeComponent("postal_code");
/** Several inputs in one frame. */
export const CardCombined = makeComponent("card");

/** A component of one field, or of a card with several. */
type CardField<Name extends MountName> = (props: CardFieldProps<Name>) => ReactElement;

function makeComponent<Name extends MountName>(name: Name): CardField<Name> {
  return function CardField({ id, className, hidden, ...props }) {
    const fields = useContext(Form);
    const element = useRef<HTMLDivElement>(null);
    const [handle, setHandle] = useState<FieldHandle<Name>>();
    const { handlers, options } = parted(props);
    const latest = useLatest({ handlers, options });
    useEffect(() => {
      if (!fields || !element.current) return;
      const mounted = fields.mount<Name>(name, element.current, latest.current.options as MountOptions[Name]);
      for (const event of EVENTS) mounted.on(event, (detail) => latest.current.handlers[event]?.(detail));
      setHandle(mounted);
      return () => {
        setHandle(undefined);
        mounted.unmount();
      };
    }, [fields, latest]);
    const { inputs: _, control: __, ...changeable } = options;
    useUpdates(handle, changeable);
    return createElement("div", { ref: element, id, className, hidden });
  };
}

const EVENTS = Object.keys(HANDLERS) as (keyof FieldEvents)[];

type Handler = ((event: unknown) => void) | undefined;

/** The handlers by their event, and what mount() takes. */
function parted(props: object): { handlers: Record<string, Handler>; options: Record<string, unknown> } {
  const options: Record<string, unknown> = { ...props };
  const handlers: Record<string, Handler> = {};
  for (const event of EVENTS) {
    handlers[event] = options[HANDLERS[event]] as Handler;
    delete options[HANDLERS[event]];
  }
  return { handlers, options };
}

/** The value of the last render. */
function useLatest<T>(value: T): { readonly current: T } {
  const latest = useRef(value);
  useEffect(() => {
    latest.current = value;
  });
  return latest;
}

/** Tells a form or a field what differs from the render before, and takes back what is no longer given. */
function useUpdates(target: { update(changes: object): void } | undefined, options: object): void {
  const told = useRef<{ target?: unknown; options: Record<string, unknown> }>({ options: {} });
  useEffect(() => {
    const now: Record<string, unknown> = { ...options };
    const before = told.current.target === target ? told.current.options : {};
    told.current = { target, options: now };
    const names = Object.keys({ ...before, ...now }).filter((name) => !alike(before[name], now[name]));
    if (names.length > 0) target?.update(Object.fromEntries(names.map((name) => [name, now[name] ?? null])));
  });
}

/** Elements are what they are; styles and texts are what they say. */
function alike(before: unknown, now: unknown): boolean {
  if (before === now) return true;
  const nodes = [before, now].some((value) => typeof value === "object" && value && "nodeType" in value);
  return !nodes && JSON.stringify(before) === JSON.stringify(now);
}
