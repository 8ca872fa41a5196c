import fc from 'fast-check'
import { isObjectType } from 'graphql'
import { expect, test } from 'vitest'
import { buildSchema } from '../../src/schema/schema.ts'
import { type Answer, type Gateway, startGateway } from '../support/gateway.ts'
import { propertyRuns } from '../support/property-runs.ts'
import { readMaterial } from './material.ts'
import { type RandomOperation, randomOperation } from './random-operation.ts'

const schema = buildSchema()
const seed = { userGroups: 9, members: 120, permissionGroups: 120, resourceGroups: 7 }
const rateLimit = { calls: 1_000_000, windowSeconds: 300 }

type RestCalls = {
  readonly estimated: number
  readonly made: number
  readonly limit: number
  readonly atLeast?: boolean
}

test('2,000 random queries: what a dry run tells is the price, and what is made stays within it', async () => {
  const gateway = await startGateway({ sandbox: { seed, rateLimit }, config: { maxRestCalls: 60 } })
  const material = await readMaterial(gateway)
  const reached = new Set<string>()
  await fc.assert(
    fc.asyncProperty(fc.gen(), async (g) => {
      const operation = randomOperation(g, schema, { material, kind: 'query' })
      for (const field of operation.fields) reached.add(field)
      await checkPrice(gateway, operation)
    }),
    { ...propertyRuns(2_000), endOnFailure: true },
  )
  expect([...reached]).toEqual(
    expect.arrayContaining(queryFields().filter((field) => field !== 'Query._service')),
  )
}, 120_000)

test('under a low limit, random queries are refused before any call, or in the fields alone that turn out too dear', async () => {
  const limit = 4
  const gateway = await startGateway({ sandbox: { seed, rateLimit }, config: { maxRestCalls: limit } })
  const ample = await startGateway({ sandbox: { seed, rateLimit } })
  const material = await readMaterial(ample)
  let refusedWhole = 0
  let refusedInPart = 0
  await fc.assert(
    fc.asyncProperty(fc.gen(), async (g) => {
      const operation = randomOperation(g, schema, { material, kind: 'query' })
      const { price, sent, answer } = await checkPrice(gateway, operation)
      const refusals = (answer.errors ?? []).filter(
        ({ extensions }) => extensions.code === 'COST_LIMIT_EXCEEDED',
      )
      for (const { extensions } of refusals) {
        expect(extensions).toMatchObject({ limit, fields: expect.any(Array) })
        expect(extensions.estimated).toBeGreaterThan(limit)
      }
      if (price.estimated > limit) {
        refusedWhole += 1
        expect([sent, answer.data, answer.errors?.length], describe(operation)).toEqual([0, null, 1])
        expect(refusals[0]?.extensions.estimated).toBe(price.estimated)
      } else if (refusals.length > 0) {
        refusedInPart += 1
        expect(price.atLeast, describe(operation)).toBe(true)
        expect(refusals.every(({ path }) => path !== undefined)).toBe(true)
      }
    }),
    { ...propertyRuns(500), endOnFailure: true },
  )
  expect(Math.min(refusedWhole, refusedInPart)).toBeGreaterThan(0)
}, 60_000)

test('400 random mutations: a dry run writes nothing, and what is made stays within the price', async () => {
  const gateway = await startGateway({ sandbox: { seed, rateLimit } })
  const material = await readMaterial(gateway)
  let wrote = 0
  await fc.assert(
    fc.asyncProperty(fc.gen(), async (g) => {
      gateway.sandbox.reset()
      const operation = randomOperation(g, schema, { material, kind: 'mutation' })
      await checkPrice(gateway, operation)
      if (gateway.sandbox.requests().some(({ method, status }) => method !== 'GET' && status === 200))
        wrote += 1
    }),
    { ...propertyRuns(400), endOnFailure: true },
  )
  expect(wrote).toBeGreaterThan(40)
}, 60_000)

/** Asks the price of an operation, runs it, and holds both against what reached the sandbox. */
async function checkPrice(gateway: Gateway, operation: RandomOperation) {
  const { document, variables } = operation
  const text = describe(operation)
  gateway.sandbox.clearRequests()
  const dryRun = await gateway.query(document, variables, { 'x-dry-run': 'true' })
  expect(gateway.requests(), text).toEqual([])
  // What is too large for other limits has no price, and another operation takes its place.
  fc.pre(dryRun.errors?.[0]?.extensions.code !== 'QUERY_TOO_COMPLEX')
  const answer = await gateway.query(document, variables)
  const price = restCallsOf(dryRun, text)
  const bill = restCallsOf(answer, text)
  // A call that was on its way when its field was refused arrives after the answer.
  await expect.poll(() => gateway.requests().length, { message: text }).toBe(bill.made)
  const sent = bill.made
  expect(sent, text).toBeLessThanOrEqual(Math.min(bill.estimated, bill.limit))
  expect(price.estimated, text).toBeLessThanOrEqual(bill.estimated)
  // Whatever was not priced beforehand would show as a price that has grown.
  if (price.atLeast !== true) expect(bill.estimated, text).toBe(price.estimated)
  return { price, sent, answer }
}

function restCallsOf({ extensions, errors }: Answer<unknown>, text: string): RestCalls {
  const restCalls = extensions?.restCalls
  if (typeof restCalls !== 'object') throw new Error(`${JSON.stringify(errors)}\n${text}`)
  return restCalls as RestCalls
}

function describe({ document, variables }: RandomOperation): string {
  return `${document}\n${JSON.stringify(variables)}`
}

/** Every field that a query can select, as `Type.field`. */
function queryFields(): string[] {
  const elsewhere = /^__|^_Service$|^Mutation$|Payload$|^UserError$/
  return Object.values(schema.getTypeMap()).flatMap((type) =>
    isObjectType(type) && !elsewhere.test(type.name)
      ? Object.keys(type.getFields()).map((field) => `${type.name}.${field}`)
      : [],
  )
}
