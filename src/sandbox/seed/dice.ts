/** Numbers that look random and are the same in every run. */
export type Dice = {
  /** A whole number from 0 to `sides - 1`. */
  roll(sides: number): number
  pick<T>(choices: readonly [T, ...T[]]): T
  /** `count` different ones, or all where there are fewer. */
  pickSome<T>(choices: readonly T[], count: number): readonly T[]
}

/** Dice for one object: what falls depends on its number alone, so that a larger seed begins like a smaller one. */
export function createDice(seed: number): Dice {
  // mulberry32: small, and good enough for invented data
  let state = (seed * 0x9e3779b1 + 0x6d2b79f5) | 0
  const roll = (sides: number) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides
  }
  return {
    roll,
    pick: (choices) => choices[roll(choices.length)] ?? choices[0],
    pickSome(choices, count) {
      const left = [...choices]
      return Array.from({ length: Math.min(count, left.length) }).flatMap(() =>
        left.splice(roll(left.length), 1),
      )
    },
  }
}
