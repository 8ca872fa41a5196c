/** Remembers by key, within bounds. */
export type BoundedCache<Value, Key = string> = {
  get(key: Key): Value | undefined
  set(key: Key, value: Value): void
}

/**
 * A cache that lets go of what was not used for longest when it holds more than `maxEntries`, or entries that are together larger than
 * `maxSize`. What is larger than a quarter of that by itself is not kept: it would push out much that is of use.
 */
export function createBoundedCache<Value, Key = string>({
  maxEntries,
  maxSize,
  sizeOf,
}: {
  readonly maxEntries: number
  readonly maxSize: number
  readonly sizeOf: (key: Key, value: Value) => number
}): BoundedCache<Value, Key> {
  // A Map keeps the order of insertion: the first entry is the one that was not used for longest.
  const entries = new Map<Key, { readonly value: Value; readonly size: number }>()
  let totalSize = 0
  // Asked for once more, it need not be moved: that takes a table of the map's own each few times.
  let latestKey: Key | undefined

  function remove(key: Key): void {
    totalSize -= entries.get(key)?.size ?? 0
    entries.delete(key)
  }

  return {
    get(key) {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      if (key !== latestKey) {
        entries.delete(key)
        entries.set(key, entry)
        latestKey = key
      }
      return entry.value
    },
    set(key, value) {
      remove(key)
      const size = sizeOf(key, value)
      if (size > maxSize / 4) return
      entries.set(key, { value, size })
      latestKey = key
      totalSize += size
      for (const oldest of entries.keys()) {
        if (entries.size <= maxEntries && totalSize <= maxSize) return
        remove(oldest)
      }
    },
  }
}
