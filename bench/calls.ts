import { deepStrictEqual } from 'node:assert'
import Cloudflare from 'cloudflare'
import { buildClientSchema, execute, type GraphQLSchema, introspectionFromSchema, parse } from 'graphql'
import { createApp } from '../src/app.ts'
import { createUpstream } from '../src/cloudflare/upstream.ts'
import { parseConfig } from '../src/config.ts'
import { type Sandbox, startSandbox } from '../src/sandbox/server.ts'
import { buildSchema } from '../src/schema/schema.ts'
import { createLogger } from '../src/telemetry/logger.ts'
import { type ConsoleQuery, consoleQueries, type Ids } from './queries.ts'
import { createModel, fetchOnce, typeOfThing } from './rest-model.ts'
import { createRestRows } from './rest-rows.ts'

type Answer = { readonly data?: unknown; readonly errors?: unknown }
type Ask = (document: string, variables: Readonly<Record<string, unknown>>) => Promise<Answer>

const token = 'bench'
const sandbox = await startSandbox({ rateLimit: { calls: 1_000_000, windowSeconds: 300 } })
const config = parseConfig({})
const upstream = createUpstream({
  baseUrl: sandbox.url,
  timeoutMs: config.restTimeoutMs,
  retries: config.restRetries,
  concurrency: config.restConcurrency,
})
try {
  const schema = buildSchema()
  const ask = askGateway(createApp({ config, upstream, logger: createLogger('silent'), schema }))
  const bare = buildClientSchema(introspectionFromSchema(schema))
  const ids = await readIds(ask, sandbox)
  const lines: string[] = []
  const totals = [0, 0, 0, 0]
  for (const query of consoleQueries) {
    const calls = await countCalls(query, ids, [askModel(bare, () => fetch), askModel(bare, fetchOnce), ask])
    const [, dataLoader = 0, gateway = 0] = calls
    if (gateway > dataLoader || gateway < query.lowerBound) {
      throw new Error(
        `${query.title}: ${gateway} calls are not between ${query.lowerBound} and ${dataLoader}`,
      )
    }
    const numbers = [...calls, query.lowerBound]
    for (const [index, number] of numbers.entries()) totals[index] = (totals[index] ?? 0) + number
    lines.push(`| ${[query.title, ...numbers].join(' | ')} |`)
  }
  process.stdout.write(
    [
      '| REST calls for | a resolver per field | plain DataLoader | this gateway | lower bound |',
      '| --- | ---: | ---: | ---: | ---: |',
      ...lines,
      `| **all ten** | ${totals.map((total) => `**${total}**`).join(' | ')} |`,
      '',
    ].join('\n'),
  )
} finally {
  await upstream.close()
  await sandbox.close()
}

/** The calls of each way to ask, which all have to give the same answer. */
async function countCalls(
  { title, document, variables }: ConsoleQuery,
  ids: Ids,
  ways: readonly Ask[],
): Promise<readonly number[]> {
  const counts: number[] = []
  let expected: unknown
  for (const way of ways) {
    sandbox.clearRequests()
    const { data, errors } = await way(document, variables(ids))
    if (errors !== undefined) throw new Error(`${title}: ${JSON.stringify(errors)}`)
    const plain: unknown = JSON.parse(JSON.stringify(data))
    expected ??= plain
    deepStrictEqual(plain, expected, title)
    counts.push(sandbox.requests().length)
  }
  return counts
}

function askGateway(app: ReturnType<typeof createApp>): Ask {
  return async (query, variables) => {
    const response = await app.fetch('http://gateway.bench/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
    })
    return response.json()
  }
}

function askModel(schema: GraphQLSchema, createFetch: () => typeof fetch): Ask {
  return async (document, variableValues) => {
    const client = new Cloudflare({ apiToken: token, baseURL: sandbox.url, fetch: createFetch() })
    const fieldResolver = createModel(createRestRows(client))
    return execute({
      schema,
      document: parse(document),
      variableValues,
      fieldResolver,
      typeResolver: typeOfThing,
    })
  }
}

type Rows = { readonly nodes: readonly { readonly id: string }[] }

async function readIds(ask: Ask, { accountTag }: Sandbox): Promise<Ids> {
  const { data } = await ask(
    /* GraphQL */ `
      query Ids($account: ID!) {
        account(id: $account) {
          id
          userGroups(first: 50, orderBy: { field: NAME, direction: DESC }) {
            nodes {
              id
            }
          }
          permissionGroups(last: 80) {
            nodes {
              id
            }
          }
          members(first: 1) {
            nodes {
              id
            }
          }
        }
      }
    `,
    { account: accountTag },
  )
  const { account } = data as {
    readonly account: {
      readonly id: string
      readonly userGroups: Rows
      readonly permissionGroups: Rows
      readonly members: Rows
    }
  }
  const idsOf = ({ nodes }: Rows) => nodes.map(({ id }) => id)
  return {
    account: account.id,
    member: idsOf(account.members)[0] ?? '',
    userGroups: idsOf(account.userGroups),
    permissionGroups: idsOf(account.permissionGroups),
  }
}
