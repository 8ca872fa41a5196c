import { composeServices as composeByApollo } from '@apollo/composition'
import { composeServices as composeByTheGuild } from '@theguild/federation-composition'
import {
  buildSchema as buildSchemaOf,
  type ConstDirectiveNode,
  type DocumentNode,
  isObjectType,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  print,
} from 'graphql'
import { expect, test } from 'vitest'
import { readSDL } from '../../examples/federation/compose.ts'
import { printAPI, printSubgraph } from '../../src/schema/print-api.ts'
import { buildSchema } from '../../src/schema/schema.ts'
import { startGateway } from '../support/gateway.ts'
import { startSupergraph } from './support/supergraph.ts'

type Service = { readonly name: string; readonly url: string; readonly typeDefs: DocumentNode }
type Composed = { readonly supergraphSdl: string | undefined; readonly faults: readonly string[] }

const libraries: readonly (readonly [name: string, compose: (services: readonly Service[]) => Composed])[] = [
  ['@apollo/composition', (services) => composedBy(composeByApollo([...services]))],
  ['@theguild/federation-composition', (services) => composedBy(composeByTheGuild([...services]))],
]

const schema = buildSchema()

/** Another team's subgraph: with a Relay node and pages of its own, and references to members by their global id. */
const shop = `
  extend schema
    @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])

  type Query {
    node(id: ID!): Node
    nodes(ids: [ID!]!): [Node]!
    orders(first: Int): OrderConnection
  }
  interface Node { id: ID! }
  type Order implements Node @key(fields: "id") { id: ID! placedBy: Member }
  type OrderConnection { nodes: [Order!]! pageInfo: PageInfo! totalCount: Int }
  type PageInfo @shareable {
    hasNextPage: Boolean!
    hasPreviousPage: Boolean!
    startCursor: String
    endCursor: String
  }
  type Member @key(fields: "id", resolvable: false) { id: ID! }
`

test.each(libraries)('what the two subgraphs tell of themselves composes with %s', async (_name, compose) => {
  const { subgraphs } = await startSupergraph()
  const { supergraphSdl = '', faults } = compose(
    await Promise.all(
      subgraphs.map(async ({ name, url }) => ({ name, url, typeDefs: parse(await readSDL(url)) })),
    ),
  )
  expect(faults).toEqual([])
  expect(fieldsOf(supergraphSdl, 'Member')).toEqual([
    ...['account', 'department', 'displayName', 'email', 'grants', 'id', 'manager'],
    ...['policies', 'roles', 'status', 'tag', 'user', 'userGroups'],
  ])
  expect(fieldsOf(supergraphSdl, 'Account')).toContain('costCenter')
  expect(fieldsOf(supergraphSdl, 'Query')).toEqual([
    ...['account', 'accounts', 'department', 'departments', 'rateLimit'],
  ])
})

test.each(libraries)('a subgraph with a Relay node of its own composes with %s', (_name, compose) => {
  const { supergraphSdl = '', faults } = compose([
    service('iam', printSubgraph(schema)),
    service('shop', shop),
  ])
  expect(faults).toEqual([])
  expect(fieldsOf(supergraphSdl, 'Query')).toEqual(
    expect.arrayContaining(['account', 'accounts', 'node', 'nodes', 'orders']),
  )
})

test.each(libraries)('with node left in, %s refuses the second one', (_name, compose) => {
  const { faults } = compose([service('iam', printAPI(schema)), service('shop', shop)])
  expect(faults).toEqual([
    expect.stringContaining('INVALID_FIELD_SHARING: Non-shareable field "Query.node"'),
    expect.stringContaining('INVALID_FIELD_SHARING: Non-shareable field "Query.nodes"'),
  ])
})

test('a gateway that is told to own node in the supergraph says so to those who compose', async () => {
  const { query } = await startGateway({ schema: buildSchema({ subgraphNode: true }) })
  const { data } = await query<{ readonly _service: { readonly sdl: string } }>('{ _service { sdl } }')
  expect(data._service.sdl).toBe(printAPI(schema))
  const supergraph = libraries.map(([, compose]) =>
    compose([service('iam', data._service.sdl), service('shop', shop.replace(/ {4}nodes?\(.*\n/g, ''))]),
  )
  expect(supergraph.map(({ faults }) => faults)).toEqual([[], []])
})

test.each(libraries)('prices and sizes of lists are still there for a router after %s', (_name, compose) => {
  const { supergraphSdl = '' } = compose([service('iam', printSubgraph(schema)), service('shop', shop)])
  const told = pricesOf(printSubgraph(schema))
  expect(pricesOf(supergraphSdl)).toEqual(told)
  expect(told).toMatchObject({
    'Account.userGroups': [
      '@cost(weight: 1)',
      '@listSize(assumedSize: 20, requireOneSlicingArgument: false, sizedFields: ["edges", "nodes"], slicingArguments: ["first", "last"])',
    ],
    'Account.userGroup': ['@cost(weight: 1)'],
    UserGroup: ['@cost(weight: 0)'],
  })
})

test('every list tells its size, and every object that it is no call by itself', () => {
  const told = pricesOf(printSubgraph(schema))
  const objects = Object.values(schema.getTypeMap()).filter(
    (type) => isObjectType(type) && !/^__|^_Service$|^Mutation$/.test(type.name),
  )
  const lists = objects.flatMap((type) =>
    isObjectType(type)
      ? Object.values(type.getFields())
          .filter(({ args }) => args.some(({ name }) => name === 'first'))
          .map(({ name }) => `${type.name}.${name}`)
      : [],
  )
  expect(lists.length).toBeGreaterThan(10)
  expect(lists.filter((list) => !told[list]?.join().includes('@listSize('))).toEqual([])
  const dear = objects.filter(({ name }) => name !== 'Query' && told[name]?.join() !== '@cost(weight: 0)')
  expect(dear).toEqual([])
})

test('every object with an identity is an entity with two keys, the second made of tags', () => {
  const types = parse(printSubgraph(schema)).definitions.filter(
    (definition) => definition.kind === Kind.OBJECT_TYPE_DEFINITION,
  )
  const nodes = types.filter(({ interfaces = [] }) => interfaces.some(({ name }) => name.value === 'Node'))
  const keysOf = ({ directives = [] }: ObjectTypeDefinitionNode) =>
    directives.filter(({ name }) => name.value === 'key').map((key) => print(key))
  const byTag = ['@key(fields: "id")', '@key(fields: "account { tag } tag")']
  expect(Object.fromEntries(nodes.map((node) => [node.name.value, keysOf(node)]))).toEqual({
    Account: ['@key(fields: "id")', '@key(fields: "tag")'],
    PermissionGroup: byTag,
    ResourceGroup: byTag,
    UserGroup: byTag,
    Member: byTag,
    SSOConnector: byTag,
  })
  expect(types.filter((type) => keysOf(type).length > 0)).toEqual(nodes)
  const resolvable = schema.getPossibleTypes(Object(schema.getType('_Entity'))).map(({ name }) => name)
  expect(resolvable.toSorted()).toEqual(nodes.map(({ name }) => name.value).toSorted())
})

function service(name: string, sdl: string): Service {
  return { name, url: `http://${name}.test/graphql`, typeDefs: parse(sdl) }
}

function composedBy({
  supergraphSdl,
  errors = [],
}: ReturnType<typeof composeByApollo | typeof composeByTheGuild>): Composed {
  return { supergraphSdl, faults: errors.map(({ message, extensions }) => `${extensions.code}: ${message}`) }
}

function fieldsOf(supergraphSdl: string, name: string): readonly string[] {
  const type = buildSchemaOf(supergraphSdl, { assumeValidSDL: true }).getType(name)
  return isObjectType(type) ? Object.keys(type.getFields()).toSorted() : []
}

function byName({ arguments: args = [] }: ConstDirectiveNode) {
  return args.toSorted((a, b) => a.name.value.localeCompare(b.name.value))
}

/** What is told of types and fields by `@cost` and `@listSize`. */
function pricesOf(sdl: string): Readonly<Record<string, readonly string[]>> {
  const told: Record<string, readonly string[]> = {}
  const note = (coordinate: string, directives: readonly ConstDirectiveNode[] = []) => {
    const prices = directives.filter(({ name }) => name.value === 'cost' || name.value === 'listSize')
    if (prices.length > 0)
      told[coordinate] = prices.map((price) => print({ ...price, arguments: byName(price) }))
  }
  for (const type of parse(sdl).definitions) {
    if (type.kind !== Kind.OBJECT_TYPE_DEFINITION) continue
    note(type.name.value, type.directives)
    for (const field of type.fields ?? []) note(`${type.name.value}.${field.name.value}`, field.directives)
  }
  return told
}
