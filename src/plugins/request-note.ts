/** What a plugin keeps of each request. */
export type RequestNote<T> = {
  of(request: object): T | undefined
  set(request: object, note: T): void
  clear(request: object): void
}

/**
 * A note on the request itself. A `WeakMap` of all requests would do as well, but for V8: what went through one is let go of by a full garbage
 * collection. One for the requests of `node:http` made every query a fifth dearer, and `__typename` two thirds.
 */
export function createRequestNote<T>(name: string): RequestNote<T> {
  const key = Symbol(name)
  return {
    of: (request) => Reflect.get(request, key),
    set: (request, note) => void Reflect.set(request, key, note),
    clear: (request) => void Reflect.set(request, key, undefined),
  }
}
