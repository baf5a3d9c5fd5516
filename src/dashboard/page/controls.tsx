// Which controls do all screens use? Segmented switches, menus that open below a button, and heads of columns.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { BASE } from "./address.ts";
import { WORDS } from "./words.ts";

interface SegmentsProps<Name extends string> {
  readonly label: string;
  readonly names: Readonly<Record<Name, string>>;
  readonly chosen: Name;
  readonly choose: (name: Name) => void;
}

/** One of a few, all of them seen. */
export function Segments<Name extends string>({ label, names, chosen, choose }: SegmentsProps<Name>) {
  return (
    <fieldset class="segments">
      <legend class="hidden">{label}</legend>
      {(Object.entries(names) as [Name, string][]).map(([name, text]) => (
        <button type="button" key={name} aria-pressed={name === chosen} onClick={() => choose(name)}>
          {text}
        </button>
      ))}
    </fieldset>
  );
}

interface MenuProps {
  readonly label: ComponentChildren;
  /** Classes besides `menu`. */
  readonly kind?: string;
  readonly children: ComponentChildren;
}

/** A button that opens a panel below it. Escape, a click elsewhere and the focus elsewhere close it; so does choosing an `item`. */
export function Menu({ label, kind = "", children }: MenuProps) {
  const menu = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = (back: boolean) => {
      if (!menu.current?.open) return;
      menu.current.open = false;
      if (back) menu.current.querySelector("summary")?.focus();
    };
    const onPress = (event: Event) => {
      const target = event.target as Node;
      if (!menu.current?.contains(target)) close(false);
      else if (event.type === "click" && target instanceof Element && target.closest("button.item, [data-closes]")) close(true);
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape") close(menu.current?.contains(document.activeElement) ?? false);
    };
    document.addEventListener("click", onPress);
    document.addEventListener("focusin", onPress);
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("click", onPress);
      document.removeEventListener("focusin", onPress);
      document.removeEventListener("keydown", onKey);
    };
  }, []);
  return (
    <details class={`menu ${kind}`} ref={menu}>
      <summary>{label}</summary>
      <div class="panel">{children}</div>
    </details>
  );
}

interface ItemProps {
  readonly isChosen?: boolean;
  readonly choose: () => void;
  readonly children: ComponentChildren;
}

/** A choice in a menu. */
export function Item({ isChosen = false, choose, children }: ItemProps) {
  return (
    <button type="button" class="item" aria-current={isChosen ? "true" : undefined} onClick={choose}>
      {children}
    </button>
  );
}

export interface Order {
  readonly by: string;
  readonly isAscending: boolean;
}

interface HeadProps {
  readonly name: string;
  /** The section of the definitions, such as `s7`. */
  readonly section?: string | undefined;
  readonly isNumber?: boolean;
  /** How the table is sorted, and how this column changes it; absent: it does not sort by this one. */
  readonly order?: Order;
  readonly field?: string;
  readonly sort?: (order: Order) => void;
  readonly kind?: string;
}

/** The head of a column: its name, which sorts by it, and the way to its definition. */
export function Head({ name, section, isNumber = false, order, field, sort, kind = "" }: HeadProps) {
  const isSorted = order !== undefined && field === order.by;
  const next = (): Order => ({ by: field ?? "", isAscending: isSorted ? !order.isAscending : !isNumber });
  return (
    <th
      scope="col"
      class={`${isNumber ? "n " : ""}${kind}`}
      aria-sort={isSorted ? (order.isAscending ? "ascending" : "descending") : undefined}
    >
      {sort && field !== undefined ? (
        <button type="button" class="sort" data-sorted={isSorted ? "" : undefined} onClick={() => sort(next())}>
          {name}
          {isSorted ? (order.isAscending ? " ↑" : " ↓") : ""}
        </button>
      ) : (
        name
      )}
      {section === undefined ? null : <Definition name={name} section={section} />}
    </th>
  );
}

/** The way to the definition of a figure. */
export function Definition({ name, section }: { readonly name: string; readonly section: string }) {
  return (
    <a class="def" href={`${BASE}/docs/definitions#${section}`} title={WORDS.definition(name)}>
      <span aria-hidden="true">?</span>
      <span class="hidden">{WORDS.definition(name)}</span>
    </a>
  );
}

/** A text that may be long: cut where there is no room, and whole in its title. */
export function Name({ text, href }: { readonly text: string; readonly href?: string | undefined }) {
  return href === undefined ? (
    <bdi title={text}>{text}</bdi>
  ) : (
    <a href={href} title={text}>
      <bdi>{text}</bdi>
    </a>
  );
}
