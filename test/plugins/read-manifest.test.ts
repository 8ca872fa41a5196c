import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { InvalidConfig } from '../../src/config.ts'
import { readManifest } from '../../src/plugins/read-manifest.ts'

test("a manifest of Apollo's tools and a plain one are read alike", async () => {
  const apollo = {
    format: 'apollo-persisted-query-manifest',
    version: 1,
    operations: [{ id: 'h1', name: 'One', type: 'query', body: 'query One { __typename }' }],
  }
  const documents = new Map([['h1', 'query One { __typename }']])
  expect(await readManifest(await write(JSON.stringify(apollo)))).toEqual(documents)
  expect(await readManifest(await write(JSON.stringify({ h1: 'query One { __typename }' })))).toEqual(
    documents,
  )
})

test.each([
  ['{', /no JSON/],
  ['7', /expected record/i],
  ['[]', /expected record/i],
  ['{"h1": 7}', /h1: .*expected string/i],
  ['{"h1": "query {"}', /h1: Syntax Error/],
  ['{"format": "other", "operations": []}', /format: /],
  ['{"format": "apollo-persisted-query-manifest", "version": 2, "operations": []}', /version: /],
  [
    '{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id": "a"}]}',
    /operations\.0\.body: /,
  ],
  [
    '{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id": "a", "body": "{a}"}, {"id": "a", "body": "{b}"}]}',
    /operations\.1 has the hash of an operation before it/,
  ],
])('%s is no manifest, and the mistake says where', async (text, message) => {
  const path = await write(text)
  const error = await readManifest(path).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(InvalidConfig)
  expect(`${error}`).toMatch(message)
  expect(`${error}`).toContain(`PERSISTED_OPERATIONS is "${path}"; it must be a manifest of operations: `)
})

test('a manifest that is not there is a mistake of its setting', async () => {
  await expect(readManifest('/nowhere/manifest.json')).rejects.toThrow(
    'PERSISTED_OPERATIONS is "/nowhere/manifest.json"; it must be a manifest of operations: it cannot be read',
  )
})

async function write(text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'manifest-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const path = join(directory, 'manifest.json')
  await writeFile(path, text)
  return path
}
