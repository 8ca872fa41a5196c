import { expect, test } from 'vitest'
import { DeferredMap } from '../../src/plugins/deferred-map.ts'

const entries = [
  ['a', 1],
  ['b', 2],
] as const

test('nothing is looked up before somebody reads', () => {
  const map = new DeferredMap<string, number>(() => expect.unreachable())
  expect(map).toBeInstanceOf(DeferredMap)
})

test('it reads as the map that it stands for', () => {
  const map = new DeferredMap<string, number>(() => new Map(entries))
  const visited: unknown[] = []
  map.forEach((value, key) => {
    visited.push([key, value])
  })
  expect([map.get('a'), map.get('c'), map.has('b'), map.has('c'), map.size]).toEqual([
    1,
    undefined,
    true,
    false,
    2,
  ])
  expect([visited, [...map], [...map.entries()]]).toEqual([entries, entries, entries])
  expect([[...map.keys()], [...map.values()]]).toEqual([
    ['a', 'b'],
    [1, 2],
  ])
})
