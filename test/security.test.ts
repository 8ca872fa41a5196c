import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'

const root = new URL('../', import.meta.url)

test('each threat of SECURITY.md names a test that exists', async () => {
  const rows = (await readFile(new URL('SECURITY.md', root), 'utf8'))
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2)
  expect(rows.length).toBeGreaterThan(30)
  for (const row of rows) {
    const [, path = '', name = ''] = /\| `(test\/[\w/.-]+)` "(.+)" \|$/.exec(row) ?? []
    expect(path, row).not.toBe('')
    const source = await readFile(new URL(path, root), 'utf8')
    expect(
      ["'", '"'].some((quote) => source.includes(quote + name + quote)),
      row,
    ).toBe(true)
  }
})
