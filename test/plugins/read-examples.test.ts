import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { readExamples } from '../../src/plugins/read-examples.ts'

test('examples come in the order of their names, with the account filled in and their comments kept', async () => {
  const directory = await folderOf({
    '02-tag.graphql': 'query Tag($account: ID!) { account(id: $account) { tag } }',
    '01-name.graphql':
      '# The name.\nquery Name(\n  $account: ID! # which\n) { account(id: $account) { name } }\n',
    'notes.md': 'no query',
  })
  expect(await readExamples(directory, { account: 'a1', most: 3 })).toEqual([
    '# The name.\nquery Name(\n  $account: ID! = "a1" # which\n) { account(id: $account) { name } }\n',
    'query Tag($account: ID! = "a1") { account(id: $account) { tag } }',
  ])
})

test('what needs more than an account, or writes, is left out', async () => {
  const directory = await folderOf({
    '1.graphql': 'query Other($account: ID!, $group: ID!) { __typename }',
    '2.graphql': 'mutation Write($account: ID!) { __typename }',
    '3.graphql': 'query Free { __typename }',
    '4.graphql': 'query Defaults($account: ID! = "own", $first: Int, $last: Int! = 3) { __typename }',
    '5.graphql': 'query A($account: ID!) { __typename }\nquery B($account: ID!) { __typename }',
  })
  expect(await readExamples(directory, { account: 'a1', most: 9 })).toEqual([
    'query Free { __typename }',
    'query Defaults($account: ID! = "own", $first: Int, $last: Int! = 3) { __typename }',
    'query A($account: ID! = "a1") { __typename }\nquery B($account: ID! = "a1") { __typename }',
  ])
})

test('no more are read than asked for, and a folder that is not there has none', async () => {
  const directory = await folderOf({ '1.graphql': '{ a }', '2.graphql': '{ b }', '3.graphql': '{ c }' })
  expect(await readExamples(directory, { account: 'a1', most: 2 })).toEqual(['{ a }', '{ b }'])
  expect(await readExamples(new URL('none/', directory), { account: 'a1', most: 2 })).toEqual([])
})

async function folderOf(files: Readonly<Record<string, string>>): Promise<URL> {
  const directory = await mkdtemp(join(tmpdir(), 'examples-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text)
  return pathToFileURL(`${directory}/`)
}
