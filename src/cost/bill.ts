import type { FieldPrice } from './cost-limit-exceeded.ts'

/** The price of an operation in REST calls, before any was made. */
export type Price = {
  /** Enough for all that can be told beforehand. */
  readonly calls: number
  /** Whether only the upstream can tell the whole price. */
  readonly atLeast: boolean
  /** The fields that cost something, dearest first. */
  readonly fields: readonly FieldPrice[]
}

/** Collects what the fields of one operation will ask of the REST API. Equal calls are made once, so they count once. */
export type Bill = {
  /** Calls named by `key`, caused by the field at `path`. Endlessly many count as what only the upstream can tell. */
  addCalls(key: string, path: string, calls: number): void
  /** Records to be loaded by tag, which become list pages where that is cheaper. */
  addTags(load: TagLoad): void
  /** Marks the price as one that the upstream has to complete. */
  addUnknown(): void
  total(): Price
}

/** Rows of a list that is yet to be read: a name for them, and how many there are at most. */
export type Rows = { readonly key: string; readonly atMost: number }

/** Records of one kind in one account, or in each of several. */
export type TagLoad = {
  /** Names kind and accounts. */
  readonly list: string
  /** How many accounts. Known tags may be asked for in each of them, a row is in one. */
  readonly lists: number
  readonly path: string
  /** How the kind is listed: in pages, in one answer, or never in place of its records. */
  readonly listing: 'paged' | 'whole' | 'never'
  /** The tags where they are known, else the rows that have them. */
  readonly tags: readonly string[] | Rows
  /** Whether they are asked for only once something else was fetched, apart from those that are asked for at once. */
  readonly isLater: boolean
}

/** Up to this many records of a kind are fetched one by one; more are worth a look at the list. */
export const fewTags = 3

type ListedTags = Pick<TagLoad, 'list' | 'lists' | 'path' | 'listing'> & {
  readonly atOnce: Set<string>
  readonly later: Set<string>
  readonly rows: Map<string, number>
}

/** A bill to be filled while walking an operation. */
export function createBill(): Bill {
  const calls = new Map<string, FieldPrice>()
  const byList = new Map<string, ListedTags>()
  let atLeast = false

  function addCalls(key: string, path: string, count: number): void {
    if (count === Number.POSITIVE_INFINITY) {
      atLeast = true
      return
    }
    const before = calls.get(key)?.calls ?? 0
    if (count > before) calls.set(key, { path, calls: count })
  }

  function addTags({ tags, isLater, ...load }: TagLoad): void {
    const entry = byList.get(load.list) ?? { ...load, atOnce: new Set(), later: new Set(), rows: new Map() }
    byList.set(load.list, entry)
    if ('atMost' in tags) {
      entry.rows.set(tags.key, tags.atMost)
      return
    }
    const known = isLater ? entry.later : entry.atOnce
    for (const tag of tags) known.add(tag)
  }

  function total(): Price {
    for (const listed of byList.values()) {
      const price = priceTags(listed)
      addCalls(`${listed.list}/*`, listed.path, price.calls)
      if (price.atLeast) atLeast = true
    }
    const byPath = new Map<string, number>()
    for (const price of calls.values()) byPath.set(price.path, (byPath.get(price.path) ?? 0) + price.calls)
    const fields = [...byPath]
      .map(([path, count]) => ({ path, calls: count }))
      .sort((a, b) => b.calls - a.calls)
    return { calls: fields.reduce((sum, field) => sum + field.calls, 0), atLeast, fields }
  }

  return {
    addCalls,
    addTags,
    addUnknown: () => {
      atLeast = true
    },
    total,
  }
}

// Many together cost one look at the list, and then what it tells. Those that come later find the list read, or come alone.
function priceTags({ lists, listing, atOnce, later, rows }: ListedTags): {
  readonly calls: number
  readonly atLeast: boolean
} {
  const few = { paged: fewTags, whole: 1, never: Number.POSITIVE_INFINITY }[listing]
  const look = (count: number) => (count <= few ? count : 1)
  const alone = [...later].filter((tag) => !atOnce.has(tag)).length
  const counts = [...rows.values()]
  const all = counts.reduce((sum, count) => sum + count, atOnce.size + alone)
  const calls = counts.reduce((sum, count) => sum + look(count), lists * (look(atOnce.size) + alone))
  return { calls, atLeast: listing === 'paged' && all > few }
}
