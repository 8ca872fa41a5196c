/** Puts the focus on an element as soon as it is there; for `ref`. */
export function focus(element: HTMLElement | null): void {
  element?.focus()
}
