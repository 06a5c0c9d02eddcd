"use client";

// React components over the public API. Frames are made and removed in effects: rendering on a server makes none, and a
// StrictMode's second mount leaves one form.

import type { FieldEvents, FieldHandle, Fields, MountName, MountOptions, Options } from "cardseal";
import { createFields } from "cardseal";
import {
  type AriaAttributes,
  createContext,
  createElement,
  type ForwardRefExoticComponent,
  forwardRef,
  type HTMLAttributes,
  type ReactElement,
  type ReactNode,
  type RefAttributes,
  useContext,
  useEffect,
  useImperativeHandle,
  useRef,
  useState,
} from "react";
import { tellChanges } from "./changes.js";

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

/**
 * What a field's component takes: the options of mount(), its events as `onChange` and the like, and of its element `id`,
 * `className`, `hidden`, `data-…`, `aria-…` and a `ref` to it.
 */
export type CardFieldProps<Name extends MountName> = MountOptions[Name] &
  CardFieldHandlers &
  Pick<HTMLAttributes<HTMLDivElement>, "id" | "className" | "hidden" | keyof AriaAttributes> &
  RefAttributes<HTMLDivElement>;

const Form = createContext<Fields | undefined>(undefined);

/** A form of hosted fields around the components of its fields. It is made anew if `vault` or `merchant` change. */
export function CardForm({ children, onLoadError, ...props }: CardFormProps): ReactElement {
  const [fields, setFields] = useState<Fields>();
  // It has no element that the others could be of.
  const given = Object.entries(props).filter(([name]) => !OF_ELEMENT.test(name));
  const options = Object.fromEntries(given) as unknown as Options;
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
type CardField<Name extends MountName> = ForwardRefExoticComponent<CardFieldProps<Name>>;

function makeComponent<Name extends MountName>(name: Name): CardField<Name> {
  return forwardRef<HTMLDivElement, object>(function CardField(props, ref) {
    const fields = useContext(Form);
    const element = useRef<HTMLDivElement>(null);
    useImperativeHandle(ref, () => element.current as HTMLDivElement, []);
    const [handle, setHandle] = useState<FieldHandle<Name>>();
    const { attributes, handlers, options } = parted(props);
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
    return createElement("div", { ...attributes, ref: element });
  }) as CardField<Name>;
}

const EVENTS = Object.keys(HANDLERS) as (keyof FieldEvents)[];

/** `data-…` and `aria-…`: TypeScript lets them pass anywhere, and some tools give the former to every component. */
const OF_ELEMENT = /-/;

type Handler = ((event: unknown) => void) | undefined;

/** A field's props: those of its element, the handlers by their event, and what mount() takes. */
function parted(props: object): {
  attributes: object;
  handlers: Record<string, Handler>;
  options: Record<string, unknown>;
} {
  const attributes: Record<string, unknown> = {};
  const handlers: Record<string, Handler> = {};
  const options: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(props)) {
    const event = EVENTS.find((event) => HANDLERS[event] === name);
    if (event) handlers[event] = value as Handler;
    else (OF_ELEMENT.test(name) || /^(id|className|hidden)$/.test(name) ? attributes : options)[name] = value;
  }
  return { attributes, handlers, options };
}

/** The value of the last render. */
function useLatest<T>(value: T): { readonly current: T } {
  const latest = useRef(value);
  useEffect(() => {
    latest.current = value;
  });
  return latest;
}

/** Tells a form or a field what differs from the render before. */
function useUpdates(target: { update(changes: object): void } | undefined, options: object): void {
  const told = useRef<{ target?: unknown; options: object }>({ options: {} });
  useEffect(() => {
    const before = told.current.target === target ? told.current.options : {};
    told.current = { target, options };
    if (target) tellChanges(target, before, options);
  });
}
