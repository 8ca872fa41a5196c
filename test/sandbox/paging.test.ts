import { expect, test } from 'vitest'
import { known, type Row, startRest } from './support/rest.ts'

const lists = [
  { path: 'members', sizes: [5, 20, 50], rows: 300, defaultSize: 20, max: 50 },
  { path: 'iam/permission_groups', sizes: [5, 33, 50], rows: 130, defaultSize: 20, max: 50 },
  { path: 'iam/user_groups', sizes: [1, 7, 500], rows: 40, defaultSize: 100, max: 500 },
] as const

test.each(lists)(
  'the pages of $path hold every row once, whatever their size',
  async ({ path, sizes, rows }) => {
    const { get, account } = await startRest()
    const walks: string[][] = []
    for (const size of sizes) {
      const seen: string[] = []
      for (let page = 1; ; page += 1) {
        const { result } = await get<Row[]>(`${account}/${path}?per_page=${size}&page=${page}`)
        if (result.length === 0) break
        expect(result.length).toBeLessThanOrEqual(size)
        seen.push(...result.map(({ id }) => id))
      }
      walks.push(seen)
    }
    expect(new Set(walks[0]).size).toBe(rows)
    for (const walk of walks) expect(walk).toEqual(walks[0])
  },
)

test.each(lists)('$path has its own default page size', async ({ path, rows, defaultSize }) => {
  const { get, account } = await startRest()
  const { result } = await get<Row[]>(`${account}/${path}`)
  expect(result).toHaveLength(Math.min(rows, defaultSize))
})

test.each(lists)('$path refuses sizes and pages out of range', async ({ path, sizes, max }) => {
  const { get, account } = await startRest()
  for (const wrong of [sizes[0] - 1, max + 1, 'ten', '', '-5', '10.5']) {
    const { status, errors, result } = await get(`${account}/${path}?per_page=${wrong}`)
    expect({ wrong, status, result }).toEqual({ wrong, status: 400, result: null })
    expect(errors).toEqual([
      {
        code: 6008,
        message: 'Invalid request parameters',
        error_chain: [
          { code: 11000, message: `per_page variable must be a number between ${sizes[0]} and ${max}` },
        ],
      },
    ])
  }
  for (const wrong of ['0', '-1', 'x']) {
    const { status, errors } = await get(`${account}/${path}?page=${wrong}`)
    expect({ wrong, status, code: errors[0]?.code }).toEqual({ wrong, status: 400, code: 6008 })
  }
})

test('result_info counts the rows of the page and of the list', async () => {
  const { get, account } = await startRest()
  const { result_info } = await get(`${account}/iam/user_groups?per_page=25&page=2`)
  expect(result_info).toEqual({ page: 2, per_page: 25, count: 15, total_count: 40 })
})

test('a page past the end is empty', async () => {
  const { get, account } = await startRest()
  const { status, result, result_info } = await get(`${account}/iam/user_groups?page=9`)
  expect({ status, result }).toEqual({ status: 200, result: [] })
  expect(result_info).toEqual({ page: 9, per_page: 100, count: 0, total_count: 40 })
})

test('the accounts are paged too', async () => {
  const { get } = await startRest()
  const page = await get<Row[]>('/accounts?per_page=5')
  expect(page.result.map(({ name }) => name)).toEqual(['Quayline Freight', 'Quayline Labs'])
  expect(page.result_info).toEqual({ page: 1, per_page: 5, count: 2, total_count: 2 })
  expect((await get('/accounts?per_page=51')).status).toBe(400)
})

test('members of a user group are paged from 1 to 500', async () => {
  const { get, account, sandbox } = await startRest({ quirks: { missingResultInfo: false } })
  const path = `${account}/iam/user_groups/${known(sandbox.landmarks.allStaffUserGroup)}/members`
  const whole = await get<Row[]>(`${path}?per_page=500`)
  const total = whole.result.length
  expect(total).toBeGreaterThan(250)
  const one = await get<Row[]>(`${path}?per_page=1&page=${total}`)
  expect(one.result).toEqual(whole.result.slice(-1))
  expect(one.result_info).toEqual({ page: total, per_page: 1, count: 1, total_count: total })
  expect((await get(`${path}?per_page=0`)).status).toBe(400)
})

test('a capped list gives smaller pages than asked, and result_info tells their real size', async () => {
  const { get, account } = await startRest({ pageCaps: { user_groups: 10, permission_groups: 5 } })
  const all = await get<Row[]>(`${account}/iam/user_groups?per_page=10&page=2`)
  const capped = await get<Row[]>(`${account}/iam/user_groups?per_page=500&page=2`)
  expect(capped.result).toEqual(all.result)
  expect(capped.result_info).toEqual({ page: 2, per_page: 10, count: 10, total_count: 40 })
  const { result, result_info } = await get<Row[]>(`${account}/iam/permission_groups?per_page=50`)
  expect({ rows: result.length, result_info }).toEqual({ rows: 5, result_info: undefined })
})
