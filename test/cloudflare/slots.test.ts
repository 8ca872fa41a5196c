import { expect, test } from 'vitest'
import { createSlots, SlotsExhausted } from '../../src/cloudflare/slots.ts'

test('no more than the limit hold a slot, and those in line get theirs in turn', async () => {
  const slots = createSlots({ limit: 2, maxWaiting: 10 })
  const order: number[] = []
  const frees = [await slots.acquire(), await slots.acquire()]
  const waiting = [1, 2, 3].map(async (number) => {
    frees.push(await slots.acquire())
    order.push(number)
  })
  expect(order).toEqual([])
  frees.shift()?.()
  await waiting[0]
  expect(order).toEqual([1])
  frees.shift()?.()
  await waiting[1]
  frees.shift()?.()
  await waiting[2]
  expect(order).toEqual([1, 2, 3])
})

test('freeing a slot twice frees it once', async () => {
  const slots = createSlots({ limit: 1, maxWaiting: 10 })
  const free = await slots.acquire()
  free()
  free()
  await slots.acquire()
  const aMoment = new Promise((resolve) => setImmediate(resolve, 'waiting'))
  const outcome = await Promise.race([slots.acquire().then(() => 'taken'), aMoment])
  expect(outcome).toBe('waiting')
})

test('an abort leaves the line at once and takes no slot', async () => {
  const slots = createSlots({ limit: 1, maxWaiting: 1 })
  const free = await slots.acquire()
  const abort = new AbortController()
  const reason = new Error('gone')
  const left = slots.acquire(abort.signal)
  abort.abort(reason)
  await expect(left).rejects.toBe(reason)
  const next = slots.acquire()
  free()
  await next
  await expect(slots.acquire(AbortSignal.abort(reason))).rejects.toBe(reason)
})

test('an abort after its turn came changes nothing', async () => {
  const slots = createSlots({ limit: 1, maxWaiting: 1 })
  const free = await slots.acquire()
  const abort = new AbortController()
  const turn = slots.acquire(abort.signal)
  free()
  abort.abort()
  await expect(turn).resolves.toBeTypeOf('function')
})

test('a line that is full takes nobody in', async () => {
  const slots = createSlots({ limit: 1, maxWaiting: 1 })
  const free = await slots.acquire()
  const inLine = slots.acquire()
  await expect(slots.acquire()).rejects.toThrow(SlotsExhausted)
  free()
  await inLine
})
