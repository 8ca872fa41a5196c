import { expect, test } from 'vitest'
import { decodeEnvelope } from '../../src/cloudflare/envelope.ts'

const decode = (value: unknown) =>
  decodeEnvelope(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), (text) => text)

test('a whole envelope is read', () => {
  const envelope = decode({
    success: false,
    errors: [
      {
        code: 6003,
        message: 'Invalid request headers',
        documentation_url: 'https://developers.example/6003',
        source: { pointer: '/policies/0/access' },
        error_chain: [{ code: 6111, message: 'Invalid format for Authorization header' }],
      },
    ],
    messages: [{ type: null, message: 'ignored' }],
    result: null,
    result_info: { page: 2, per_page: 50, count: 3, total_count: 53, total_pages: 2, cursor: 'x' },
  })
  expect(envelope).toEqual({
    success: false,
    faults: [
      {
        code: 6003,
        message: 'Invalid request headers',
        documentationUrl: 'https://developers.example/6003',
        pointer: '/policies/0/access',
        chain: [{ code: 6111, message: 'Invalid format for Authorization header' }],
      },
    ],
    result: null,
    info: { page: 2, perPage: 50, count: 3, totalCount: 53, totalPages: 2 },
  })
})

test('every key may be missing', () => {
  expect(decode({})).toEqual({ success: undefined, faults: [], result: undefined, info: undefined })
})

test('an empty body and null are an envelope with nothing in it', () => {
  const nothing = { success: undefined, faults: [], result: undefined, info: undefined }
  for (const body of ['', ' \r\n', 'null']) expect(decode(body)).toEqual(nothing)
})

test('what is no JSON object is no envelope', () => {
  for (const body of ['<!doctype html><h1>502</h1>', '{"success": tr', '[]', '"text"', '1', 'undefined']) {
    expect(decode(body)).toBe(undefined)
  }
})

test('a byte order mark does no harm', () => {
  expect(decode('\ufeff{"success": true}')?.success).toBe(true)
})

test('faults of other shapes are kept as far as they say anything', () => {
  const { faults } = decode({
    errors: ['plain text', { message: 5, code: '1003' }, { code: 'x', error_chain: { code: 1 } }, null, 7],
  }) ?? { faults: [] }
  expect(faults).toEqual([
    { message: 'plain text', chain: [] },
    { code: 1003, message: '', chain: [] },
    { message: '', chain: [{ code: 1, message: '' }] },
  ])
  expect(decode({ errors: { code: 10, message: 'alone' } })?.faults).toEqual([
    { code: 10, message: 'alone', chain: [] },
  ])
})

test('a flood of faults and words is cut', () => {
  const fault = { message: 'x'.repeat(100_000), error_chain: Array(1_000).fill({ message: 'y' }) }
  const { faults } = decode({ errors: Array(1_000).fill(fault) }) ?? { faults: [] }
  expect(faults).toHaveLength(20)
  expect(faults[0]?.message).toHaveLength(1_000)
  expect(faults[0]?.chain).toHaveLength(20)
})

test('numbers of a page are taken where they are numbers', () => {
  const info = { page: '3', per_page: 2.5, count: -1, total_count: null, total_pages: 'many' }
  expect(decode({ result_info: info })?.info).toEqual({ page: 3 })
  expect(decode({ result_info: [] })?.info).toBe(undefined)
})

test('a secret is taken out before a text is cut', () => {
  const body = JSON.stringify({ errors: [{ message: `${'x'.repeat(995)}secret` }] })
  const envelope = decodeEnvelope(Buffer.from(body), (text) => text.replaceAll('secret', '[redacted]'))
  expect(envelope?.faults[0]?.message).toBe(`${'x'.repeat(995)}[reda`)
})
