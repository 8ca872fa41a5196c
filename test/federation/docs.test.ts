import { readFileSync } from 'node:fs'
import { composeServices } from '@theguild/federation-composition'
import { parse } from 'graphql'
import { expect, test } from 'vitest'
import { parse as parseYAML } from 'yaml'
import { credentials } from '../../examples/federation/router.ts'
import { printSubgraph } from '../../src/schema/print-api.ts'
import { buildSchema } from '../../src/schema/schema.ts'

const page = readFileSync(new URL('../../docs/federation.md', import.meta.url), 'utf8')
const blocksOf = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, text = '']) => text)

test('the types that another subgraph is told to start from compose', () => {
  const [types = ''] = blocksOf('graphql')
  const { errors } = composeServices([
    { name: 'iam', url: 'http://iam.test', typeDefs: parse(printSubgraph(buildSchema())) },
    { name: 'directory', url: 'http://directory.test', typeDefs: parse(types) },
  ])
  expect(errors).toBeUndefined()
})

test('every router is told of every header with credentials, and passes them to this subgraph alone', () => {
  const named = (rules: unknown) =>
    [...JSON.stringify(rules).matchAll(/"named":"([^"]+)"/g)].map(([, name = '']) => name.toLowerCase())
  const files = blocksOf('yaml').map((text) => parseYAML(text).headers)
  expect(files).toHaveLength(2)
  for (const { all, subgraphs } of files) {
    expect(named(all)).toEqual(['x-request-id'])
    expect(Object.keys(subgraphs)).toEqual(['iam'])
    expect(named(subgraphs.iam.request)).toEqual(credentials)
  }
  const programs = [...blocksOf('ts'), ...blocksOf('js')]
  expect(programs).toHaveLength(2)
  for (const program of programs)
    expect(credentials.filter((name) => !program.includes(`'${name}'`))).toEqual([])
})
