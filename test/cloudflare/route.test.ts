import { expect, test } from 'vitest'
import { InvalidPathParameter, isTag, route } from '../../src/cloudflare/route.ts'
import { accountTag } from './connect.ts'

test('a template is filled with tags', () => {
  const template = '/accounts/{account_id}/members/{member_id}'
  expect(route(template, { account_id: accountTag, member_id: 'F'.repeat(32) })).toEqual({
    template,
    path: `/accounts/${accountTag}/members/${'F'.repeat(32)}`,
  })
})

const noTags = [
  '',
  '.',
  '..',
  '../../../user/tokens',
  `${accountTag}/../x`,
  `${accountTag}?x=1`,
  `${accountTag}#`,
  `${accountTag}\n`,
  `${accountTag}%2f`,
  accountTag.slice(1),
  `${accountTag}0`,
  'g'.repeat(32),
  '０'.repeat(32),
  'x'.repeat(10_000),
]

test('nothing but a tag enters a path, and the refusal does not repeat it', () => {
  for (const value of noTags) {
    expect(isTag(value)).toBe(false)
    const fill = () => route('/accounts/{account_id}', { account_id: value })
    expect(fill).toThrow(InvalidPathParameter)
    expect(fill).toThrow(TypeError)
    expect(fill).toThrow(/^account_id is not 32 hexadecimal characters$/)
  }
})

test('a template and its parameters match exactly', () => {
  expect(() => route('/accounts/{account_id}', {})).toThrow(/needs the path parameter account_id/)
  expect(() => route('/accounts', { account_id: accountTag })).toThrow(/no place for account_id/)
  expect(() => route('/accounts/{toString}', {})).toThrow(/needs the path parameter toString/)
})
