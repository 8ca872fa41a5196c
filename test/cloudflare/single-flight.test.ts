import { expect, test, vi } from 'vitest'
import { type Flight, SingleFlight } from '../../src/cloudflare/single-flight.ts'

function setUp() {
  const flights = new SingleFlight<string>()
  const started: Flight<string>[] = []
  const join = (key: string) => {
    const present = flights.get(key)
    const flight = present ?? flights.open(key)
    if (present === undefined) started.push(flight)
    const waiter = { land: vi.fn(), fail: vi.fn() }
    const answer = new Promise<string>((resolve, reject) => {
      waiter.land.mockImplementation(resolve)
      waiter.fail.mockImplementation(reject)
    })
    flight.join(waiter)
    return { isLeader: present === undefined, answer, waiter, leave: () => flight.leave(waiter) }
  }
  return { flights, started, join }
}

test('those who ask for the same thing meanwhile share one answer', async () => {
  const { started, join } = setUp()
  const [first, second, other] = [join('a'), join('a'), join('b')]
  expect([first.isLeader, second.isLeader, other.isLeader]).toEqual([true, false, true])
  started[0]?.land('A')
  started[1]?.land('B')
  expect(await Promise.all([first.answer, second.answer, other.answer])).toEqual(['A', 'A', 'B'])
  expect(started).toHaveLength(2)
})

test('a failure is shared, and neither it nor an answer outlives the flight', async () => {
  const { started, join } = setUp()
  const answers = [join('a').answer, join('a').answer]
  started[0]?.fail(new Error('lost'))
  for (const outcome of await Promise.allSettled(answers)) expect(outcome.status).toBe('rejected')
  const again = join('a')
  expect(again.isLeader).toBe(true)
  started[1]?.land('A')
  expect(await again.answer).toBe('A')
  expect(join('a').isLeader).toBe(true)
})

test('who leaves hears nothing more, and leaves alone', async () => {
  const { started, join } = setUp()
  const [leaver, stayer] = [join('a'), join('a')]
  leaver.leave()
  expect(started[0]?.cancellation.isCancelled).toBe(false)
  started[0]?.land('A')
  expect(await stayer.answer).toBe('A')
  expect(leaver.waiter.land).not.toHaveBeenCalled()
})

test('the flight is cancelled when the last one has left, and nobody joins it then', async () => {
  const { started, join } = setUp()
  const [first, second] = [join('a'), join('a')]
  first.leave()
  expect(started[0]?.cancellation.isCancelled).toBe(false)
  second.leave()
  expect(started[0]?.cancellation.isCancelled).toBe(true)
  expect(join('a').isLeader).toBe(true)
  started[0]?.fail(new Error('cancelled'))
  expect(join('a').isLeader).toBe(false)
  expect(first.waiter.fail).not.toHaveBeenCalled()
})

test('in a new epoch nobody joins an older flight, and the older one ends without touching the newer', async () => {
  const { flights, started, join } = setUp()
  const old = join('a')
  flights.startEpoch()
  const fresh = join('a')
  expect(fresh.isLeader).toBe(true)
  started[0]?.land('old')
  expect(await old.answer).toBe('old')
  expect(join('a').isLeader).toBe(false)
  started[1]?.land('new')
  expect(await fresh.answer).toBe('new')
})

test('the last one to leave an older flight does not touch the newer', async () => {
  const { flights, started, join } = setUp()
  const old = join('a')
  flights.startEpoch()
  join('a')
  old.leave()
  expect(started.map(({ cancellation }) => cancellation.isCancelled)).toEqual([true, false])
  expect(join('a').isLeader).toBe(false)
})
