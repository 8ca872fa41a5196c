import { expect, test } from 'vitest'
import { Cancellation } from '../../src/cloudflare/cancellation.ts'
import { createSlots, LeftTheLine, SlotsExhausted } from '../../src/cloudflare/slots.ts'

test('no more than the limit hold a slot, and those in line get theirs in turn', async () => {
  const slots = createSlots({ limit: 2, maxWaiting: 10 })
  expect([slots.take(), slots.take(), slots.take()]).toEqual([true, true, false])
  const order: number[] = []
  const waiting = [1, 2, 3].map(async (number) => {
    await slots.wait(new Cancellation())
    order.push(number)
  })
  expect([slots.taken(), slots.waiting()]).toEqual([2, 3])
  for (const [index, turn] of waiting.entries()) {
    expect(order).toHaveLength(index)
    slots.free()
    // It changes hands: nobody who comes now is served before those in line.
    expect(slots.take()).toBe(false)
    await turn
  }
  expect(order).toEqual([1, 2, 3])
  slots.free()
  expect(slots.take()).toBe(true)
})

test('who is cancelled leaves the line at once and takes no slot', async () => {
  const slots = createSlots({ limit: 1, maxWaiting: 1 })
  slots.take()
  const cancellation = new Cancellation()
  const left = slots.wait(cancellation)
  cancellation.cancel()
  await expect(left).rejects.toThrow(LeftTheLine)
  await expect(slots.wait(cancellation)).rejects.toThrow(LeftTheLine)
  const next = slots.wait(new Cancellation())
  slots.free()
  await next
  expect(slots.taken()).toBe(1)
})

test('to be cancelled after its turn came changes nothing', async () => {
  const slots = createSlots({ limit: 1, maxWaiting: 1 })
  slots.take()
  const cancellation = new Cancellation()
  const turn = slots.wait(cancellation)
  slots.free()
  cancellation.cancel()
  await turn
  expect([slots.taken(), slots.waiting()]).toEqual([1, 0])
})

test('a line that is full takes nobody in', async () => {
  const slots = createSlots({ limit: 1, maxWaiting: 1 })
  slots.take()
  const inLine = slots.wait(new Cancellation())
  await expect(slots.wait(new Cancellation())).rejects.toThrow(SlotsExhausted)
  slots.free()
  await inLine
})
