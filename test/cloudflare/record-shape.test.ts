import { expect, test } from 'vitest'
import {
  detail,
  fields,
  flag,
  instant,
  list,
  map,
  part,
  record,
  text,
  unusable,
} from '../../src/cloudflare/record-shape.ts'

const group = record({
  name: text,
  created_on: instant,
  enabled: detail(flag),
  meta: detail(map),
  members: part(list(record())),
  owner: part(fields({ email: detail(text) })),
})
const whole = {
  id: 'a',
  name: 'Ops',
  created_on: '2024-01-31T12:00:00.0000Z',
  enabled: false,
  meta: { label: 'x' },
  members: [{ id: 'b' }],
  owner: { email: 'ann@example.com' },
}

test('what fits stays as it stands, with the fields that nobody named', () => {
  expect(group(whole)).toEqual(whole)
  expect(group({ ...whole, more: 1 })).toEqual({ ...whole, more: 1 })
})

test('details and parts may be null or absent', () => {
  const bare = { id: 'a', name: 'Ops', created_on: '2024-01-31' }
  expect(group(bare)).toStrictEqual(bare)
  const nulls = { ...bare, enabled: null, meta: null, members: null, owner: null }
  expect(group(nulls)).toStrictEqual(nulls)
})

test.each([
  ['enabled', 'false'],
  ['meta', ['label']],
])('a detail of another kind is null: %s', (name, value) => {
  expect(group({ ...whole, [name]: value })).toEqual({ ...whole, [name]: null })
})

test('what is below a part is read too', () => {
  expect(group({ ...whole, owner: { email: 5 } })).toEqual({ ...whole, owner: { email: null } })
})

test.each([
  ['id', undefined],
  ['id', ''],
  ['id', 7],
  ['name', null],
  ['created_on', 'yesterday'],
  ['members', {}],
  ['members', [{ id: 'b' }, null]],
  ['members', [{ name: 'without an id' }]],
  ['owner', 'ann'],
])('without what it needs, or with a part of another kind, nothing can be used: %s = %j', (name, value) => {
  expect(group({ ...whole, [name]: value })).toBe(unusable)
})

test.each([[null], ['text'], [[]], [5]])('%j is no record', (value) => {
  expect(group(value)).toBe(unusable)
})
