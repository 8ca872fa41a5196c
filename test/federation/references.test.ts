import { expect, test } from 'vitest'
import { encodeGlobalId } from '../../src/schema/global-id.ts'
import { callsOf } from '../schema/support/rest.ts'
import { startGateway } from '../support/gateway.ts'
import { departmentOf, referencesTo } from './support/departments.ts'
import { threeOfThirty } from './support/three-of-thirty.ts'

const refer = (selection: string) =>
  `query Refer($these: [_Any!]!) { _entities(representations: $these) { ... on Member { ${selection} } } }`

test('of thirty references an unknown one, a forbidden one and a failing one cost themselves alone', async () => {
  const gateway = await startGateway({ config: { restRetries: 0 } })
  const { references, faults, places, calls } = threeOfThirty()
  gateway.sandbox.setFaults(faults)
  const { data, errors, extensions } = await gateway.query<Entities>(refer('email'), { these: references })
  const { _entities: entities } = data
  expect(entities.map((entity, place) => (entity === null ? place : undefined)).filter(isDefined)).toEqual(
    Object.values(places),
  )
  expect(entities.filter((entity) => entity !== null)).toHaveLength(27)
  expect(errors?.toSorted(byPlace)).toMatchObject([
    { path: ['_entities', places.failing], extensions: { code: 'UPSTREAM_UNAVAILABLE' } },
    { path: ['_entities', places.forbidden], extensions: { code: 'FORBIDDEN' } },
  ])
  expect(callsOf(gateway).toSorted()).toEqual(calls)
  expect(extensions).toMatchObject({ restCalls: { made: 4 } })
})

test('references by the one key and by the other are one batch, and twice the same object one object', async () => {
  const gateway = await startGateway()
  const members = referencesTo(departmentOf('Platform Engineering'))
  const byId = members.map(({ account, tag }) => ({
    __typename: 'Member',
    id: encodeGlobalId('Member', account.tag, tag),
  }))
  const { data, errors, extensions } = await gateway.query<Entities>(refer('email'), {
    these: [...members, ...byId],
  })
  expect(errors).toBeUndefined()
  expect(data._entities.slice(30)).toEqual(data._entities.slice(0, 30))
  expect(callsOf(gateway)).toEqual(['GET A/members?order=user.email&page=1&per_page=50'])
  expect(extensions).toEqual({ restCalls: { estimated: 1, made: 1, limit: 200 } })
})

test('references cost what the same objects cost by their ids, also below them', async () => {
  const gateway = await startGateway()
  const members = referencesTo(departmentOf('Management'))
  const ids = members.map(({ account, tag }) => encodeGlobalId('Member', account.tag, tag))
  for (const selection of [
    'id',
    'email',
    'email account { name }',
    'grants(first: 5) { nodes { access: __typename } }',
  ]) {
    const dryRun = { 'x-dry-run': 'true' }
    const references = await gateway.query(refer(selection), { these: members }, dryRun)
    const nodes = await gateway.query(
      `query Nodes($ids: [ID!]!) { nodes(ids: $ids) { ... on Member { ${selection} } } }`,
      { ids },
      dryRun,
    )
    const priceOf = ({ extensions }: typeof nodes) =>
      JSON.parse(JSON.stringify(extensions).replaceAll('"_entities', '"nodes'))
    expect(priceOf(references)).toEqual(priceOf(nodes))
  }
  expect(callsOf(gateway)).toEqual([])
})

test('references above the limit are refused before the first call, with the field that is dear', async () => {
  const gateway = await startGateway({ config: { maxRestCalls: 3 } })
  const groups = Array.from({ length: 4 }, (_, index) => ({
    __typename: 'UserGroup',
    account: { tag: gateway.sandbox.accountTag },
    tag: String(index).padStart(32, '0'),
  }))
  const { data, errors } = await gateway.query(
    'query Refer($these: [_Any!]!) { _entities(representations: $these) { ... on UserGroup { members { nodes { email } } } } }',
    { these: groups },
  )
  expect({ data, errors }).toMatchObject({
    data: null,
    errors: [
      {
        extensions: {
          code: 'COST_LIMIT_EXCEEDED',
          estimated: 4,
          limit: 3,
          fields: [{ path: '_entities.members', calls: 4 }],
        },
      },
    ],
  })
  expect(callsOf(gateway)).toEqual([])
})

test('references are held to the limits of documents', async () => {
  const gateway = await startGateway()
  const deep = `${'account { userGroups { nodes { '.repeat(6)}id${' } } }'.repeat(6)}`
  const { errors } = await gateway.query(
    `{ _entities(representations: [{ __typename: "Account", tag: "${gateway.sandbox.accountTag}" }]) { ... on UserGroup { ${deep} } } }`,
  )
  expect(errors).toMatchObject([{ extensions: { code: 'QUERY_TOO_COMPLEX' } }])
  expect(callsOf(gateway)).toEqual([])
})

test('a representation that is none costs itself alone, whatever it is', async () => {
  const gateway = await startGateway()
  const strange = [1, true, 'Member', [], [{}], {}, { __typename: null }, { __typename: ['Member'] }]
  const odd = [
    { __typename: '__proto__', id: 'x' },
    { __typename: 'Query' },
    { __typename: 'Member', id: 7 },
    { __typename: 'Member', account: null, tag: 'x' },
    { __typename: 'Member', account: { tag: {} }, tag: [] },
    { __typename: 'Member', id: 'mb_not-an-id' },
  ]
  const good = referencesTo(departmentOf('Management'))
  const { status, data, errors } = await gateway.query<Entities>(refer('email'), {
    these: [...strange, ...odd, ...good],
  })
  const bad = [...strange, ...odd]
  expect(status).toBe(200)
  expect(data._entities.slice(0, bad.length)).toEqual(bad.map(() => null))
  expect(data._entities.slice(bad.length)).toEqual(good.map(() => ({ email: expect.any(String) })))
  expect(errors?.map(({ path }) => path?.[1]).toSorted((a, b) => Number(a) - Number(b))).toEqual(
    bad.map((_one, place) => place),
  )
  expect(new Set(errors?.map(({ extensions }) => extensions.code))).toEqual(new Set(['BAD_USER_INPUT']))
})

test('representations may be written into the document', async () => {
  const { query, sandbox } = await startGateway()
  const [first] = referencesTo(departmentOf('Management'))
  const { data } = await query(
    `query ($tag: ID!) { _entities(representations: [{ __typename: "Member", account: { tag: $tag }, tag: "${first?.tag}" }]) { ... on Member { email } } }`,
    { tag: sandbox.accountTag },
  )
  expect(data).toEqual({ _entities: [{ email: 'amara.almeida@quayline.example' }] })
})

test('the SDL is told to anybody: without credentials, and where introspection is off', async () => {
  const { query } = await startGateway({
    baseUrl: 'http://127.0.0.1:9/client/v4',
    config: { introspection: false },
    headers: {},
  })
  const { status, data } = await query<{ readonly _service: { readonly sdl: string } }>(
    '{ _service { sdl } }',
  )
  expect(status).toBe(200)
  expect(data._service.sdl).toContain('type Member implements Node')
  const refused = await query(refer('email'), { these: referencesTo(departmentOf('Management')) })
  expect(refused).toMatchObject({ status: 401, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
})

type Entities = { readonly _entities: readonly unknown[] }

function byPlace(
  a: { readonly path?: readonly unknown[] },
  b: { readonly path?: readonly unknown[] },
): number {
  return Number(a.path?.[1]) - Number(b.path?.[1])
}

function isDefined<Value>(value: Value | undefined): value is Value {
  return value !== undefined
}
