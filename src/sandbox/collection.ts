/** Records by id, listed in a fixed order. Records are immutable: a change is a new record put in the old one's place. */
export type Collection<T> = {
  readonly size: number
  get(id: string): T | undefined
  put(record: T): void
  remove(id: string): void
  /** Every record: by sort key where the collection has one, else in the order they were put in. */
  list(): readonly T[]
}

/** Fills a collection. `sortKey` decides the order of `list()`; equal keys are ordered by id. */
export function createCollection<T extends { readonly id: string }>(
  records: readonly T[],
  sortKey?: (record: T) => string,
): Collection<T> {
  const byId = new Map(records.map((record) => [record.id, record]))
  // Sorting 10,000 rows for each page of them would dominate every list call.
  let listed: readonly T[] | undefined

  return {
    get size() {
      return byId.size
    },
    get: (id) => byId.get(id),
    put(record) {
      byId.set(record.id, record)
      listed = undefined
    },
    remove(id) {
      byId.delete(id)
      listed = undefined
    },
    list() {
      listed ??= sortKey === undefined ? [...byId.values()] : sortedBy([...byId.values()], sortKey)
      return listed
    },
  }
}

/** A sorted copy: by key without regard to case, compared by code unit, ties by id. */
export function sortedBy<T extends { readonly id: string }>(
  records: readonly T[],
  sortKey: (record: T) => string,
): readonly T[] {
  return records
    .map((record) => ({ record, key: `${sortKey(record).toLowerCase()}\u0000${record.id}` }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ record }) => record)
}
