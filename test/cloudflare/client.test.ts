import { expect, test } from 'vitest'
import { route } from '../../src/cloudflare/route.ts'
import {
  answer,
  failure,
  held,
  type RestServer,
  reset,
  startRestServer,
  success,
} from '../support/rest-server.ts'
import { accountTag, bearer, connect, failureOf } from './connect.ts'

const one = route('/accounts/{account_id}', { account_id: accountTag })
const members = route('/accounts/{account_id}/members', { account_id: accountTag })
const account = { id: accountTag, name: 'Acme' }
const renamed = { ...account, name: 'Emca' }

test('a list is its rows, whatever shape they come in', async () => {
  const cases = [
    [
      [{ id: 'a' }, { id: 'b' }],
      [{ id: 'a' }, { id: 'b' }],
    ],
    [[], []],
    [null, []],
    [{ id: 'a' }, [{ id: 'a' }]],
  ] as const
  for (const [result, rows] of cases) {
    const server = await startRestServer(success(result))
    const rest = connect(server.url).rest()
    expect(await rest.list(members)).toEqual({ rows, info: undefined })
    expect(await rest.postList(members, [])).toEqual({ rows, info: undefined })
    expect(await rest.putList(members, [])).toEqual({ rows, info: undefined })
  }
})

test('a list says what the upstream says of its page', async () => {
  const server = await startRestServer(success([], { page: 1, per_page: 5, count: 0, total_count: 12 }))
  const { info } = await connect(server.url).rest().list(members)
  expect(info).toEqual({ page: 1, perPage: 5, count: 0, totalCount: 12 })
})

test('an answer that cannot be what was asked for is no answer', async () => {
  for (const result of ['text', 5, true, [null], [{ name: 'no id' }], [{ id: '' }], [{ id: 7 }], undefined]) {
    const server = await startRestServer(success(result))
    const { rest, calls } = connect(server.url)
    expect(await failureOf(rest().list(members))).toMatchObject({ kind: 'unavailable', status: 200 })
    expect(calls.map((call) => [call.status, call.failure])).toEqual([[200, 'unavailable']])
  }
  for (const result of ['text', [], [{ id: 'a' }], {}, undefined]) {
    const server = await startRestServer(success(result))
    expect(await failureOf(connect(server.url).rest().get(one))).toMatchObject({ kind: 'unavailable' })
  }
})

test('a write whose answer cannot be read may have happened', async () => {
  const server = await startRestServer(success({ name: 'no id' }))
  const error = await failureOf(connect(server.url).rest().post(one, {}))
  expect(error).toMatchObject({ kind: 'unavailable', mayHaveHappened: true })
})

test('a write may answer nothing', async () => {
  for (const body of [{ success: true }, { success: true, result: null }]) {
    const server = await startRestServer(answer(200, body))
    const rest = connect(server.url).rest()
    expect(await rest.post(one)).toBe(null)
    expect(await rest.put(one, {})).toBe(null)
    expect(await rest.patch(one, {})).toBe(null)
    expect(await rest.delete(one)).toBe(null)
    expect(await rest.putList(members, [])).toEqual({ rows: [], info: undefined })
  }
})

test('a DELETE is done whatever its result looks like', async () => {
  for (const result of [{ id: 'a' }, {}, 'gone', []]) {
    const server = await startRestServer(success(result))
    await connect(server.url).rest().delete(one)
  }
})

test('query values are percent-encoded and undefined ones left out', async () => {
  const server = await startRestServer(success([]))
  const rest = connect(server.url).rest()
  const name = `a b&c=d#e/f?g+h%ü😀\ud800`
  await rest.list(members, { name, label: undefined, page: 3 })
  await rest.list(members, { name: undefined })
  const encoded = 'a%20b%26c%3Dd%23e%2Ff%3Fg%2Bh%25%C3%BC%F0%9F%98%80%EF%BF%BD'
  const path = `/accounts/${accountTag}/members`
  expect(server.lines()).toEqual([`GET ${path}?name=${encoded}&page=3`, `GET ${path}`])
})

/** A server whose first answer waits until it is released. */
async function startWaiting(): Promise<{ server: RestServer; arrived: Promise<void>; release: () => void }> {
  const { reply, arrived, release } = held(success(account))
  return { server: await startRestServer(reply, success(renamed)), arrived, release }
}

test('two requests of one credential that read the same make one call, charged to the first', async () => {
  const { server, arrived, release } = await startWaiting()
  const { rest, calls } = connect(server.url)
  const admitted: string[] = []
  const observed: string[] = []
  const [first, second] = ['first', 'second'].map((name) =>
    rest({ admit: () => admitted.push(name), observe: () => observed.push(name) }),
  )
  const reads = [first?.get(one), second?.get(one)]
  await arrived
  release()
  expect(await Promise.all(reads)).toEqual([account, account])
  expect(server.requests).toHaveLength(1)
  expect([admitted, observed, calls]).toEqual([['first'], ['first'], []])
})

test('two credentials share no call', async () => {
  const { server, arrived, release } = await startWaiting()
  const { rest } = connect(server.url)
  const mine = rest({ credentials: bearer('credential-of-ann') }).get(one)
  await arrived
  expect(await rest({ credentials: bearer('credential-of-bob') }).get(one)).toEqual(renamed)
  release()
  expect(await mine).toEqual(account)
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
    'Bearer credential-of-ann',
    'Bearer credential-of-bob',
  ])
})

test('another query is another call', async () => {
  const server = await startRestServer(success([]))
  const rest = connect(server.url).rest()
  await Promise.all([rest.list(members, { page: 1 }), rest.list(members, { page: 2 })])
  expect(server.requests).toHaveLength(2)
})

test('a failure is shared by those who waited for it, and by nobody after', async () => {
  const { reply, arrived, release } = held(failure(403, 10000, 'Authentication error'))
  const server = await startRestServer(reply, success(account))
  const { rest } = connect(server.url)
  const reads = [failureOf(rest().get(one)), failureOf(rest().get(one))]
  await arrived
  release()
  for (const error of await Promise.all(reads)) expect(error.kind).toBe('forbidden')
  expect(await rest().get(one)).toEqual(account)
  expect(server.requests).toHaveLength(2)
})

test('a read never joins a flight that started before a write', async () => {
  const { server, arrived, release } = await startWaiting()
  const rest = connect(server.url).rest()
  const before = rest.get(one)
  await arrived
  const write = rest.put(one, renamed)
  const during = rest.get(one)
  expect(await Promise.all([write, during])).toEqual([renamed, renamed])
  const after = rest.get(one)
  release()
  expect(await Promise.all([before, after])).toEqual([account, renamed])
  expect(server.lines().map((line) => line.split(' ')[0])).toEqual(['GET', 'PUT', 'GET', 'GET'])
})

test('a read that starts after a write ended never joins one that started meanwhile', async () => {
  const write = held(success(renamed))
  const read = held(success(account))
  const server = await startRestServer(write.reply, read.reply, success(renamed))
  const rest = connect(server.url).rest()
  const written = rest.put(one, renamed)
  await write.arrived
  const meanwhile = rest.get(one)
  await read.arrived
  write.release()
  await written
  expect(await rest.get(one)).toEqual(renamed)
  read.release()
  expect(await meanwhile).toEqual(account)
  expect(server.requests).toHaveLength(3)
})

test('a write that fails ends the sharing as well', async () => {
  const write = held(reset)
  const read = held(success(account))
  const server = await startRestServer(write.reply, read.reply, success(renamed))
  const rest = connect(server.url, { retries: 0 }).rest()
  const written = failureOf(rest.post(one, renamed))
  await write.arrived
  const meanwhile = rest.get(one)
  await read.arrived
  write.release()
  expect(await written).toMatchObject({ mayHaveHappened: true })
  expect(await rest.get(one)).toEqual(renamed)
  read.release()
  expect(await meanwhile).toEqual(account)
})

test('a write of one credential leaves the flights of another alone', async () => {
  const { server, arrived, release } = await startWaiting()
  const { rest } = connect(server.url)
  const reads = [rest().get(one)]
  await arrived
  await rest({ credentials: bearer('another-credential') }).put(one, renamed)
  reads.push(rest().get(one))
  release()
  expect(await Promise.all(reads)).toEqual([account, account])
})

test('the call goes on where its first reader leaves and another waits', async () => {
  const { server, arrived, release } = await startWaiting()
  const { rest } = connect(server.url)
  const abort = new AbortController()
  const leaver = failureOf(rest({ signal: abort.signal }).get(one))
  const stayer = rest({ signal: new AbortController().signal }).get(one)
  await arrived
  abort.abort()
  expect(await leaver).toMatchObject({ kind: 'aborted', mayHaveHappened: false })
  release()
  expect(await stayer).toEqual(account)
  expect(server.requests).toHaveLength(1)
})

test('the call is cancelled where its last reader leaves', async () => {
  const { reply, arrived } = held(success(account))
  let cut = () => {}
  const gone = new Promise<void>((resolve) => {
    cut = resolve
  })
  const server = await startRestServer((response, request) => {
    response.on('close', cut)
    reply(response, request)
  })
  const { rest } = connect(server.url)
  const aborts = [new AbortController(), new AbortController()]
  const reads = aborts.map(({ signal }) => failureOf(rest({ signal }).get(one)))
  await arrived
  for (const abort of aborts) abort.abort()
  for (const error of await Promise.all(reads)) expect(error.kind).toBe('aborted')
  await gone
})

test('who joined a flight that its leader may not fly starts a flight of its own', async () => {
  const server = await startRestServer(success(account))
  const { rest } = connect(server.url)
  const refusal = new Error('too dear')
  const poor = rest({
    admit() {
      throw refusal
    },
  }).get(one)
  const rich = rest().get(one)
  await expect(poor).rejects.toBe(refusal)
  expect(await rich).toEqual(account)
  expect(server.requests).toHaveLength(1)
})

test('hundreds of readers with one signal cause no warning of too many listeners', async () => {
  const server = await startRestServer(success([]))
  const warnings: Error[] = []
  const warn = (warning: Error) => warnings.push(warning)
  process.on('warning', warn)
  const { signal } = new AbortController()
  const rest = connect(server.url).rest({ signal })
  await Promise.all(Array.from({ length: 300 }, (_, page) => rest.list(members, { page })))
  await new Promise((resolve) => setImmediate(resolve))
  process.off('warning', warn)
  expect(warnings).toEqual([])
  expect(server.requests).toHaveLength(300)
})
