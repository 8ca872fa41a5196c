/** Choices that come again for the same seed. */
export type Random = {
  /** In [0, 1). */
  next(): number
  /** Whether something of this probability happens. */
  chance(probability: number): boolean
  /** From 0 to `max`. */
  below(max: number): number
  pick<T>(values: readonly T[]): T
  /** Up to `most` of them, in their order. */
  some<T>(values: readonly T[], most: number): readonly T[]
}

/** Mulberry32: small, and random enough for traffic. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (max: number) => Math.floor(next() * max)
  return {
    next,
    chance: (probability) => next() < probability,
    below,
    pick(values) {
      const value = values[below(values.length)]
      if (value === undefined) throw new Error('There is nothing to pick from')
      return value
    },
    some(values, most) {
      const wanted = below(Math.min(most, values.length) + 1)
      return values.filter((_, index) => next() < (wanted + 1) / (values.length - index)).slice(0, wanted)
    },
  }
}
