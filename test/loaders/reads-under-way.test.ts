import { expect, test } from 'vitest'
import { countRead, whenNoneUnderWay } from '../../src/loaders/reads-under-way.ts'
import { startGateway } from '../support/gateway.ts'
import { startRequest } from './request.ts'

function createRead() {
  let end = () => {}
  let fail = (_error: Error) => {}
  const read = new Promise<void>((resolve, reject) => {
    end = resolve
    fail = reject
  })
  return { read, end: () => end(), fail: (error: Error) => fail(error) }
}

test('one waits for every read under a key, those that begin meanwhile too, however they end', async () => {
  const { context } = await startRequest()
  const log: string[] = []
  const [first, second, third] = [createRead(), createRead(), createRead()]
  countRead(context, 'a/members', first.read).then(() => countRead(context, 'a/members', third.read))
  countRead(context, 'a/members', second.read).catch(() => log.push('failed'))
  const waiting = whenNoneUnderWay(context, 'a/members').then(() => log.push('none under way'))
  first.end()
  await first.read
  second.fail(new Error('no answer'))
  await second.read.catch(() => undefined)
  log.push('two ended')
  third.end()
  await waiting
  expect(log).toEqual(['failed', 'two ended', 'none under way'])
})

test('reads under another key, or of another request, keep nobody waiting', async () => {
  const [one, other] = [await startRequest(), await startRequest()]
  const { read, end } = createRead()
  countRead(one.context, 'a/user_groups', read)
  countRead(other.context, 'a/members', read)
  await whenNoneUnderWay(one.context, 'a/members')
  end()
})

test('people in many small user groups are loaded together, whenever the lists of these groups arrive', async () => {
  const gateway = await startGateway()
  const { sandbox, query, requests } = gateway
  // Every other list of a user group takes its time.
  const path = '*/iam/user_groups/*/members?page=1&per_page=2'
  sandbox.setFaults([{ path, respond: [200, { delayMs: 20, passThrough: true }], repeat: true }])
  const { extensions, errors } = await query(
    `query ($account: ID!) {
      account(id: $account) {
        userGroups(first: 20) { nodes { members(first: 2) { nodes { user { firstName } } } } }
      }
    }`,
    { account: sandbox.accountTag },
  )
  expect(errors).toBeUndefined()
  expect(sandbox.requests().filter(({ faulted }) => faulted)).toHaveLength(10)
  const ofMembers = requests().filter((call) => /\/accounts\/\w+\/members/.test(call))
  expect(ofMembers.map((call) => call.replace(/.*page=(\d+)&per_page=50/, 'page $1')).toSorted()).toEqual([
    'page 1',
    'page 2',
    'page 3',
    'page 4',
    'page 5',
    'page 6',
  ])
  expect(extensions?.restCalls).toEqual({ estimated: 27, made: 27, limit: 200 })
})
