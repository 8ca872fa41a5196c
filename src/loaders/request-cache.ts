import type { Context } from '../context.ts'

const caches = new WeakMap<Context, Map<string, unknown>>()

/**
 * What this request already has or is fetching under `key`, else what `create` gives. Keys begin with the account's tag and the kind
 * of record (`<account tag>/user_groups…`), and one key always holds the same type.
 */
export function remember<T>(context: Context, key: string, create: () => T): T {
  let cache = caches.get(context)
  if (cache === undefined) {
    cache = new Map()
    caches.set(context, cache)
  }
  if (!cache.has(key)) cache.set(key, create())
  return cache.get(key) as T
}

/** Forgets all that begins with one of the prefixes: after a write, later reads of the same request are fresh. */
export function forget(context: Context, ...prefixes: readonly string[]): void {
  const cache = caches.get(context)
  if (cache === undefined) return
  for (const key of cache.keys()) if (prefixes.some((prefix) => key.startsWith(prefix))) cache.delete(key)
}
