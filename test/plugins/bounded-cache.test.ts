import { expect, test } from 'vitest'
import { createBoundedCache } from '../../src/plugins/bounded-cache.ts'

const sizeOf = (_key: string, value: string) => value.length
const kept = (cache: { get(key: string): unknown }, keys: string) =>
  [...keys].filter((key) => cache.get(key) !== undefined)

test('what was not used for longest goes first', () => {
  const cache = createBoundedCache<string>({ maxEntries: 3, maxSize: 1000, sizeOf })
  for (const key of 'abc') cache.set(key, key)
  expect(cache.get('a')).toBe('a')
  cache.set('d', 'd')
  expect(kept(cache, 'abcd')).toEqual(['a', 'c', 'd'])
})

test('entries are together no larger than the bound, whatever their number', () => {
  const cache = createBoundedCache<string>({ maxEntries: 100, maxSize: 20, sizeOf })
  for (const key of 'abcdef') cache.set(key, 'xxxxx')
  expect(kept(cache, 'abcdef')).toEqual(['c', 'd', 'e', 'f'])
})

test('what is set again counts once', () => {
  const cache = createBoundedCache<string>({ maxEntries: 100, maxSize: 20, sizeOf })
  for (let round = 0; round < 10; round += 1) for (const key of 'abcd') cache.set(key, 'xxxxx')
  expect(kept(cache, 'abcd')).toEqual(['a', 'b', 'c', 'd'])
})

test('one entry that would push out much is not kept, nor is what it replaces', () => {
  const cache = createBoundedCache<string>({ maxEntries: 100, maxSize: 20, sizeOf })
  cache.set('a', 'x')
  cache.set('b', 'x')
  cache.set('b', 'xxxxxx')
  expect(kept(cache, 'ab')).toEqual(['a'])
})
