import { expect, test } from 'vitest'
import { createSingleFlight } from '../../src/cloudflare/single-flight.ts'

type Started = {
  readonly signal: AbortSignal
  resolve(value: string): void
  reject(error: Error): void
}

function setUp() {
  const flights = createSingleFlight<string>()
  const started: Started[] = []
  const start = (signal: AbortSignal) =>
    new Promise<string>((resolve, reject) => {
      started.push({ signal, resolve, reject })
      signal.addEventListener('abort', () => reject(new Error('flight aborted')))
    })
  return { flights, started, join: (key: string, signal?: AbortSignal) => flights.join(key, signal, start) }
}

test('those who ask for the same thing meanwhile share one answer', async () => {
  const { started, join } = setUp()
  const [first, second, other] = [join('a'), join('a'), join('b')]
  expect([first.leader, second.leader, other.leader]).toEqual([true, false, true])
  started[0]?.resolve('A')
  started[1]?.resolve('B')
  expect(await Promise.all([first.answer, second.answer, other.answer])).toEqual(['A', 'A', 'B'])
  expect(started).toHaveLength(2)
})

test('a failure is shared, and neither it nor an answer outlives the flight', async () => {
  const { started, join } = setUp()
  const answers = [join('a').answer, join('a').answer]
  started[0]?.reject(new Error('lost'))
  for (const outcome of await Promise.allSettled(answers)) expect(outcome.status).toBe('rejected')
  const again = join('a')
  expect(again.leader).toBe(true)
  started[1]?.resolve('A')
  expect(await again.answer).toBe('A')
  expect(join('a').leader).toBe(true)
})

test('who leaves leaves at once and alone', async () => {
  const { started, join } = setUp()
  const abort = new AbortController()
  const leaver = join('a', abort.signal).answer
  const stayer = join('a').answer
  const reason = new Error('gone')
  abort.abort(reason)
  await expect(leaver).rejects.toBe(reason)
  expect(started[0]?.signal.aborted).toBe(false)
  started[0]?.resolve('A')
  expect(await stayer).toBe('A')
})

test('the flight is aborted when the last one has left, and nobody joins it then', async () => {
  const { started, join } = setUp()
  const aborts = [new AbortController(), new AbortController()]
  const left = Promise.allSettled(aborts.map(({ signal }) => join('a', signal).answer))
  aborts[0]?.abort()
  expect(started[0]?.signal.aborted).toBe(false)
  aborts[1]?.abort()
  expect(started[0]?.signal.aborted).toBe(true)
  expect(join('a').leader).toBe(true)
  await left
  expect(join('a').leader).toBe(false)
})

test('an abort after the answer is no leaving', async () => {
  const { started, join } = setUp()
  const abort = new AbortController()
  const { answer } = join('a', abort.signal)
  started[0]?.resolve('A')
  await answer
  abort.abort()
  expect(started[0]?.signal.aborted).toBe(false)
})

test('in a new epoch nobody joins an older flight, and the older one ends without touching the newer', async () => {
  const { flights, started, join } = setUp()
  const old = join('a')
  flights.startEpoch()
  const fresh = join('a')
  expect(fresh.leader).toBe(true)
  started[0]?.resolve('old')
  expect(await old.answer).toBe('old')
  expect(join('a').leader).toBe(false)
  started[1]?.resolve('new')
  expect(await fresh.answer).toBe('new')
})

test('the last one to leave an older flight does not touch the newer', async () => {
  const { flights, started, join } = setUp()
  const abort = new AbortController()
  const old = join('a', abort.signal).answer
  flights.startEpoch()
  join('a')
  abort.abort()
  await expect(old).rejects.toThrow()
  expect(started.map(({ signal }) => signal.aborted)).toEqual([true, false])
  expect(join('a').leader).toBe(false)
})
