/** A map that is looked up when somebody first reads of it. */
export class DeferredMap<Key, Value> implements ReadonlyMap<Key, Value> {
  readonly #find: () => ReadonlyMap<Key, Value>

  constructor(find: () => ReadonlyMap<Key, Value>) {
    this.#find = find
  }

  get size(): number {
    return this.#find().size
  }

  get(key: Key): Value | undefined {
    return this.#find().get(key)
  }

  has(key: Key): boolean {
    return this.#find().has(key)
  }

  forEach(visit: (value: Value, key: Key, map: ReadonlyMap<Key, Value>) => void): void {
    for (const [key, value] of this) visit(value, key, this)
  }

  entries(): MapIterator<[Key, Value]> {
    return this.#find().entries()
  }

  keys(): MapIterator<Key> {
    return this.#find().keys()
  }

  values(): MapIterator<Value> {
    return this.#find().values()
  }

  [Symbol.iterator](): MapIterator<[Key, Value]> {
    return this.entries()
  }
}
