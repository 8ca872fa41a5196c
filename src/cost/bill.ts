import type { PageSizes } from '../paging/page-plan.ts'
import type { FieldPrice } from './cost-limit-exceeded.ts'

/** The price of an operation in REST calls, before any was made. */
export type Price = {
  /** What is certain to be enough for all that can be told beforehand. */
  readonly calls: number
  /** Whether the upstream has to tell more before the whole price is known. */
  readonly atLeast: boolean
  /** The fields that cost something, dearest first. */
  readonly fields: readonly FieldPrice[]
}

/** Collects what the fields of one operation will ask of the REST API. Equal calls are made once, so they count once. */
export type Bill = {
  /** Calls named by `key`, caused by the field at `path`. Endlessly many count as what only the upstream can tell. */
  addCalls(key: string, path: string, calls: number): void
  /** Records to be loaded by tag, which become list pages where that is cheaper. */
  addTags(tags: TagLoads): void
  /** Marks the price as one that the upstream has to complete. */
  addUnknown(): void
  total(): Price
}

/** Records of one kind in one account. */
export type TagLoads = {
  /** Names kind and account. */
  readonly list: string
  readonly path: string
  /** Page sizes of the kind's list; undefined where one call lists them all. */
  readonly sizes: PageSizes | undefined
  /** The tags where they are known, else a name for the rows that have them and how many those are at most. */
  readonly tags: readonly string[] | { readonly rows: string; readonly atMost: number }
}

/** Up to this many records of a kind are fetched one by one; more are worth a look at the list. */
export const fewTags = 3

/** A bill to be filled while walking an operation. */
export function createBill(): Bill {
  const calls = new Map<string, FieldPrice>()
  const known = new Map<string, { readonly load: TagLoads; readonly tags: Set<string> }>()
  let atLeast = false

  function addCalls(key: string, path: string, count: number): void {
    if (!Number.isFinite(count)) {
      atLeast = true
      return
    }
    const before = calls.get(key)
    if (count > 0 && (before === undefined || before.calls < count)) calls.set(key, { path, calls: count })
  }

  function addTags(load: TagLoads): void {
    if ('rows' in load.tags) {
      const { rows, atMost } = load.tags
      if (load.sizes === undefined) addCalls(`${load.list}/*`, load.path, Math.min(1, atMost))
      // Rows that turn out to be few are fetched one by one, many cost a list page and then what the upstream tells.
      else addCalls(`${load.list}/${rows}`, load.path, Math.min(fewTags, atMost))
      if (load.sizes !== undefined && atMost > fewTags) atLeast = true
      return
    }
    const entry = known.get(load.list) ?? { load, tags: new Set<string>() }
    for (const tag of load.tags) entry.tags.add(tag)
    known.set(load.list, entry)
  }

  function total(): Price {
    for (const { load, tags } of known.values()) {
      const few = load.sizes !== undefined && tags.size <= fewTags
      addCalls(`${load.list}/*`, load.path, few ? tags.size : Math.min(1, tags.size))
      if (load.sizes !== undefined && !few) atLeast = true
    }
    const byPath = new Map<string, number>()
    for (const price of calls.values()) byPath.set(price.path, (byPath.get(price.path) ?? 0) + price.calls)
    const fields = [...byPath].map(([path, count]) => ({ path, calls: count })).sort((a, b) => b.calls - a.calls)
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
