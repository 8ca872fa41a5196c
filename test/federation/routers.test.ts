import { expect, test } from 'vitest'
import { queries } from '../../examples/federation/queries.ts'
import { createRouter } from '../../examples/federation/router.ts'
import { callsOf } from '../schema/support/rest.ts'
import { departmentOf } from './support/departments.ts'
import { asking, routers } from './support/routers.ts'
import { serve, startSupergraph } from './support/supergraph.ts'
import { threeOfThirty } from './support/three-of-thirty.ts'

const firstPage = 'GET A/members?order=user.email&page=1&per_page=50'
const peopleOf = (name: string) => `{ department(name: "${name}") { people { displayName email } } }`

test.each(routers)(
  '%s: thirty members of the directory are one _entities, and that is one REST page',
  async (_name, start) => {
    const { gateway, sdl, asked } = await startSupergraph()
    const { query } = await start(sdl)
    const { data, errors } = await query(peopleOf('Platform Engineering'))
    expect(errors).toBeUndefined()
    const { people } = departmentOf('Platform Engineering')
    expect(data).toEqual({
      department: {
        people: people.map(({ name }) => ({
          displayName: name,
          email: expect.stringMatching(/^[a-z.]+\d?@quayline\.example$/),
        })),
      },
    })
    expect(asked.iam.map(({ variables }) => Object.values(variables ?? {}).flat().length)).toEqual([30])
    expect(asked.directory).toHaveLength(1)
    expect(callsOf(gateway)).toEqual([firstPage])
  },
)

test.each(routers)('%s: from the gateway to the directory and back to the gateway', async (_name, start) => {
  const { gateway, sdl, asked } = await startSupergraph()
  const { query } = await start(sdl)
  const { data, errors } = await query(
    'query ($account: ID!) { account(id: $account) { costCenter members(first: 3) { nodes { email department { name } manager { displayName email } } } } }',
    { account: gateway.sandbox.accountTag },
  )
  expect(errors).toBeUndefined()
  expect(data).toEqual({
    account: {
      costCenter: 'QF-1100 Group IT',
      members: {
        nodes: [
          { email: 'amara.almeida@quayline.example', department: { name: 'Management' }, manager: null },
          { email: 'amara.grunwald@northpier.example', department: null, manager: null },
          {
            email: 'amara.holm@quayline.example',
            department: { name: 'Platform Engineering' },
            manager: { displayName: 'Bálint Yılmaz', email: 'balint.yilmaz@quayline.example' },
          },
        ],
      },
    },
  })
  expect(asked.iam).toHaveLength(2)
  expect(callsOf(gateway)).toHaveLength(2)
})

test.each(routers)(
  '%s: three members of thirty who cannot be had cost themselves alone',
  async (_name, start) => {
    const { staff, places, faults, calls } = threeOfThirty()
    const { gateway, sdl, asked } = await startSupergraph({ staff, config: { restRetries: 0 } })
    const { query } = await start(sdl)
    gateway.sandbox.setFaults(faults)
    type Departments = { readonly departments: readonly { readonly people: readonly Person[] }[] }
    type Person = { readonly displayName: string | null; readonly email: string | null }
    const { data, errors = [] } = await query<Departments>('{ departments { people { displayName email } } }')
    const people = data.departments.flatMap((department) => department.people)
    expect(people.map(({ displayName }) => displayName)).not.toContain(null)
    const missing = people.flatMap(({ email }, place) => (email === null ? [place] : []))
    expect(missing).toEqual(Object.values(places))
    expect(people).toHaveLength(30)
    expect(errors.map(({ extensions }) => extensions.code).toSorted()).toEqual([
      'FORBIDDEN',
      'UPSTREAM_UNAVAILABLE',
    ])
    expect(errors.map(({ extensions }) => Object(extensions.upstream).path).toSorted()).toEqual(
      [`/accounts/${gateway.sandbox.accountTag}/members/`, '/accounts/'].map((path) =>
        expect.stringContaining(path),
      ),
    )
    for (const { path } of errors)
      expect(path?.slice(0, 3)).toEqual(['departments', expect.any(Number), 'people'])
    expect(asked.iam).toHaveLength(1)
    expect(callsOf(gateway).toSorted()).toEqual(calls)
  },
)

test.each(routers)('%s: every query of the example answers whole', async (_name, start) => {
  const { sdl, clear } = await startSupergraph()
  const { query } = await start(sdl)
  for (const { title, document } of queries) {
    clear()
    const { data, errors } = await query(document)
    expect({ title, errors }).toEqual({ title, errors: undefined })
    expect(JSON.stringify(data).length).toBeGreaterThan(100)
  }
})

test('a router that counts by the SDL counts REST calls', async () => {
  const { gateway, sdl } = await startSupergraph()
  const { query } = asking(
    await serve(createRouter(sdl, { demandControl: { includeExtensionMetadata: true } })),
  )
  const priceOf = async (fields: string) => {
    const { errors, extensions } = await query(
      `query ($account: ID!) { account(id: $account) { ${fields} } }`,
      { account: gateway.sandbox.accountTag },
    )
    expect(errors).toBeUndefined()
    return Object(extensions).cost.estimated
  }
  expect(await priceOf('userGroups(first: 20) { nodes { members(first: 20) { nodes { email } } } }')).toBe(21)
  expect(
    await priceOf('userGroups(first: 50) { nodes { name policies { permissionGroups { name } } } }'),
  ).toBe(1)
  expect(await priceOf('id tag')).toBe(0)
})
