import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { readExamples } from '../../src/plugins/read-examples.ts'

test('examples come in the order of their names, each with its heading, its text and what it needs', async () => {
  const document = '# The name.\n#\n# More.\nquery Name($account: ID!) { account(id: $account) { name } }\n'
  const directory = await folderOf({
    '02-tag.graphql': 'query Tag { __typename }\n',
    '01-name-of.graphql': document,
    '01-name-of.variables.json': '{ "account": "another", "more": [1] }',
    'notes.md': 'no query',
  })
  expect(await readExamples(directory, 'a1')).toEqual([
    {
      name: 'name-of',
      heading: 'The name.',
      query: document,
      variables: '{\n  "account": "a1",\n  "more": [\n    1\n  ]\n}',
    },
    { name: 'tag', heading: 'query Tag { __typename }', query: 'query Tag { __typename }\n', variables: '' },
  ])
})

test('without the sandbox, what needs more than an account or writes is left out, and the account is to be filled in', async () => {
  const directory = await folderOf({
    '1-other.graphql': 'query Other($account: ID!, $group: ID!) { __typename }',
    '2-write.graphql': 'mutation Write($account: ID!) { __typename }',
    '3-free.graphql': 'query Free { __typename }',
    '4-default.graphql': 'query Default($account: ID!, $first: Int, $last: Int! = 3) { __typename }',
    '4-default.variables.json': '{ "account": "a1", "first": 2 }',
  })
  const fill = 'the id of your account'
  expect((await readExamples(directory)).map(({ name, variables }) => [name, variables])).toEqual([
    ['free', ''],
    ['default', JSON.stringify({ account: fill, first: 2 }, undefined, 2)],
  ])
  expect((await readExamples(directory, 'a1')).map(({ name }) => name)).toEqual([
    'other',
    'write',
    'free',
    'default',
  ])
})

test('a folder that is not there has no examples', async () => {
  expect(await readExamples(new URL('none/', await folderOf({})))).toEqual([])
})

async function folderOf(files: Readonly<Record<string, string>>): Promise<URL> {
  const directory = await mkdtemp(join(tmpdir(), 'examples-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text)
  return pathToFileURL(`${directory}/`)
}
