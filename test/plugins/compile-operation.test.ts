import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { buildSchema as buildFromSDL, execute, parse, validate } from 'graphql'
import { expect, onTestFinished, test } from 'vitest'
import { createUpstream } from '../../src/cloudflare/upstream.ts'
import type { Context } from '../../src/context.ts'
import { createCallBudget } from '../../src/cost/call-budget.ts'
import { compileOperation } from '../../src/plugins/compile-operation.ts'
import { buildSchema } from '../../src/schema/schema.ts'
import { createLogger } from '../../src/telemetry/logger.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { createProbe } from '../../src/telemetry/probe.ts'
import { readMaterial } from '../cost/material.ts'
import { randomOperation } from '../cost/random-operation.ts'
import { startGateway } from '../support/gateway.ts'
import { propertyRuns } from '../support/property-runs.ts'
import { createRandomSchema, randomQuery } from './random-schema.ts'
import { sameAnswer } from './same-answer.ts'

const schema = createRandomSchema()

test('3,000 random queries have the answers that graphql-js gives, failures and their places included', async () => {
  ignoreLostRejections()
  const seen = { compiled: 0, asUsual: 0, failed: 0 }
  await fc.assert(
    fc.asyncProperty(fc.gen(), fc.boolean(), async (g, conditions) => {
      const { document: text, variables } = randomQuery(g, schema, { conditions })
      const document = parse(text)
      expect(validate(schema, document), text).toEqual([])
      const compiled = compileOperation(schema, document)
      if (compiled === undefined) {
        seen.asUsual += 1
        expect(text).toMatch(/@(skip|include)|: Where/)
        return
      }
      const asUsual = await execute({ schema, document, variableValues: variables })
      const answer = (await compiled({ variableValues: variables })) ?? asUsual
      sameAnswer(answer, asUsual, `${text}\n${JSON.stringify(variables)}`)
      seen.compiled += 1
      if (asUsual.errors !== undefined) seen.failed += 1
    }),
    { ...propertyRuns(3_000), endOnFailure: true },
  )
  expect(Math.min(seen.compiled, seen.asUsual, seen.failed, seen.compiled - seen.failed)).toBeGreaterThan(300)
}, 60_000)

test('400 random queries of this API have the same answers, and cause the same REST calls', async () => {
  const gateway = await startGateway({
    sandbox: {
      seed: { userGroups: 9, members: 120, permissionGroups: 120, resourceGroups: 7 },
      rateLimit: { calls: 1_000_000, windowSeconds: 300 },
    },
  })
  const { sandbox } = gateway
  const material = await readMaterial(gateway)
  const api = buildSchema()
  const upstream = createUpstream({ baseUrl: sandbox.url, timeoutMs: 5_000, retries: 0, concurrency: 24 })
  const probe = createProbe(createMetrics({ load: upstream.load, inFlight: () => 0 }))
  let tokens = 0
  const createContext = (): Context => {
    const budget = createCallBudget(200)
    budget.open(200)
    // Of its own, so that nothing which was learnt before is known.
    const credentials = { headers: { authorization: `Bearer token-of-a-test-${tokens++}` } }
    const rest = upstream.client({ credentials, admit: budget.admit })
    return { rest, budget, log: createLogger('silent'), probe, memory: new Map(), incomplete: [] }
  }
  const callsOf = async <T>(work: () => T): Promise<readonly [Awaited<T>, readonly string[]]> => {
    const before = sandbox.requests().length
    const result = await work()
    // A failure may end graphql-js before all that was begun has ended; compiled code waits for it.
    for (let idle = 0; idle < 3; idle = upstream.load().inFlight > 0 ? 0 : idle + 1) await setImmediate()
    const calls = sandbox.requests().slice(before)
    return [result, calls.map(({ method, path }) => `${method} ${path}`).toSorted()]
  }
  let compiledOnes = 0
  try {
    await fc.assert(
      fc.asyncProperty(fc.gen(), async (g) => {
        const operation = randomOperation(g, api, { material, kind: 'query' })
        // Tells the time.
        if (operation.fields.has('Query.rateLimit')) return
        const document = parse(operation.document.replaceAll(/ @(skip|include)\(if: [^)]*\)/g, ''))
        const compiled = compileOperation(api, document)
        if (compiled === undefined) throw new Error(`not compiled: ${operation.document}`)
        const args = { schema: api, document, variableValues: operation.variables }
        const about = `${operation.document}\n${JSON.stringify(operation.variables)}`
        const [expected, itsCalls] = await callsOf(() => execute({ ...args, contextValue: createContext() }))
        const [answer, calls] = await callsOf(() => compiled({ ...args, contextValue: createContext() }))
        if (answer === undefined) throw new Error(`refused: ${about}`)
        compiledOnes += 1
        sameAnswer(answer, expected, about)
        expect(calls, about).toEqual(itsCalls)
      }),
      { ...propertyRuns(400), endOnFailure: true },
    )
  } finally {
    await upstream.close()
  }
  expect(compiledOnes).toBeGreaterThan(200)
}, 90_000)

test('what compiled code does otherwise is left to graphql-js', () => {
  const other = buildFromSDL(/* GraphQL */ `
    input Where { deep: Where }
    input Flat { text: String }
    type Query { a(where: Where, flat: Flat): Int b: Int }
    type Mutation { c: Int }
  `)
  const isCompiled = (text: string) => compileOperation(other, parse(text)) !== undefined
  expect(isCompiled('query ($flat: Flat) { a(flat: $flat) }')).toBe(true)
  expect(isCompiled('{ a(where: { deep: { deep: {} } }) ...F } fragment F on Query { b }')).toBe(true)
  expect(isCompiled('query ($where: Where) { a(where: $where) }')).toBe(false)
  expect(isCompiled('query ($no: Boolean!) { a b @include(if: $no) }')).toBe(false)
  expect(isCompiled('{ ...F @skip(if: true) ...F } fragment F on Query { b }')).toBe(false)
  expect(isCompiled('mutation { c }')).toBe(false)
  expect(isCompiled('{ __proto__: __typename }')).toBe(false)
  expect(isCompiled('query A { a } query B { b }')).toBe(false)
})

test('variables that are refused run nothing, and leave the words to graphql-js', async () => {
  let ran = 0
  const other = buildFromSDL('type Query { a(n: Int!): Int }')
  const field = other.getQueryType()?.getFields().a
  if (field) field.resolve = () => (ran += 1)
  const compiled = compileOperation(other, parse('query ($n: Int!) { a(n: $n) }'))
  expect(await compiled?.({ variableValues: { n: 'text' } })).toBeUndefined()
  expect(await compiled?.({ variableValues: {} })).toBeUndefined()
  expect(ran).toBe(0)
  expect(await compiled?.({ variableValues: { n: 1 } })).toEqual({ data: { a: 1 } })
})

// graphql-js waits for nobody in a list whose later item fails at once: what the earlier ones fail with is lost, and Node calls that unhandled.
function ignoreLostRejections(): void {
  const listeners = process.listeners('unhandledRejection')
  const ignore = () => undefined
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', ignore)
  onTestFinished(() => {
    process.off('unhandledRejection', ignore)
    for (const listener of listeners) process.on('unhandledRejection', listener)
  })
}
