import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { FlightTable } from '../../src/plugins/flight-table.ts'

test('a flight is found by its name until it is removed', () => {
  const table = new FlightTable<object>()
  const [first, second] = [{}, {}]
  table.set('a', first)
  table.set('b', second)
  expect([table.get('a'), table.get('b'), table.get('c')]).toEqual([first, second, undefined])
  table.remove('a', first)
  expect([table.get('a'), table.get('b')]).toEqual([undefined, second])
})

test('of two names with one place the latest is found, and no other is taken for it', () => {
  const place = (name: string) => crc32(name) % 4_096
  const names = Array.from({ length: 20_000 }, (_, index) => `name ${index}`)
  const twin = names.find((name) => place(name) === place('a')) ?? ''
  expect(twin).not.toBe('')
  const table = new FlightTable<string>()
  table.set('a', 'earlier')
  table.set(twin, 'later')
  expect([table.get('a'), table.get(twin)]).toEqual([undefined, 'later'])
  table.remove('a', 'earlier')
  expect(table.get(twin)).toBe('later')
})
