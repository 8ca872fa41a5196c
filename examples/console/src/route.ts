import { useSyncExternalStore } from 'react'

export type View = 'groups' | 'permissions' | 'members'

/** What the page shows; it is the fragment of the address: `#/<account tag>/<view>/<global id>`. */
export type Route = {
  /** Undefined where the address names none: the first account. */
  readonly account: string | undefined
  readonly view: View
  /** The object that is open. */
  readonly id: string | undefined
}

/** The route of the address, now and whenever it changes. */
export function useRoute(): Route {
  return parseRoute(useSyncExternalStore(subscribe, () => window.location.hash))
}

/** The address of a route, for a link. */
export function hrefOf(account: string, view: View, id?: string): string {
  return `#/${[account, view, ...(id === undefined ? [] : [id])].map(encodeURIComponent).join('/')}`
}

function parseRoute(hash: string): Route {
  const [account, view, id] = hash
    .replace(/^#?\/?/, '')
    .split('/')
    .map(decodeURIComponent)
  return { account: account || undefined, view: isView(view) ? view : 'groups', id: id || undefined }
}

function isView(text: string | undefined): text is View {
  return text === 'groups' || text === 'permissions' || text === 'members'
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('hashchange', listener)
  return () => window.removeEventListener('hashchange', listener)
}
