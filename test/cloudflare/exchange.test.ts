import type { Dispatcher } from 'undici'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Cancellation } from '../../src/cloudflare/cancellation.ts'
import { type Exchange, exchange } from '../../src/cloudflare/exchange.ts'

/** Connections that only hand out a request's handler, and the controller whose aborts it counts. */
function setUp() {
  const aborts: unknown[] = []
  const controller: Dispatcher.DispatchController = {
    aborted: false,
    paused: false,
    reason: null,
    abort: (reason) => aborts.push(reason),
    pause() {},
    resume() {},
  }
  const handlers: Dispatcher.DispatchHandler[] = []
  const connections = {
    dispatch(_request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler) {
      handlers.push(handler)
    },
  }
  const start = (cancellation = new Cancellation()) => {
    const outcome = new Promise<Exchange>((ended) => {
      const limits = { timeoutMs: 60_000, cancellation, listener: { ended } }
      exchange(connections, { path: '/', method: 'GET' }, limits)
    })
    const [handler = {}] = handlers
    return { outcome, handler }
  }
  return { start, controller, aborts, handlers }
}

test('a connection that comes about after its request was given up carries nothing', async () => {
  const { start, controller, aborts } = setUp()
  const cancellation = new Cancellation()
  const { outcome, handler } = start(cancellation)
  cancellation.cancel()
  expect(await outcome).toMatchObject({ sent: false, failure: { reason: 'aborted' } })
  handler.onRequestStart?.(controller, {})
  expect(aborts).toHaveLength(1)
})

test('a request that was given up under way is cut', async () => {
  const { start, controller, aborts } = setUp()
  const cancellation = new Cancellation()
  const { outcome, handler } = start(cancellation)
  handler.onRequestStart?.(controller, {})
  cancellation.cancel()
  expect(await outcome).toMatchObject({ sent: true, failure: { reason: 'aborted' } })
  expect(aborts).toHaveLength(1)
})

test('hints that come before the answer are no part of it', async () => {
  const { start, controller } = setUp()
  const { outcome, handler } = start()
  handler.onRequestStart?.(controller, {})
  handler.onResponseStart?.(controller, 103, { 'cf-ray': 'hint' })
  handler.onResponseError?.(controller, new Error('lost'))
  expect(await outcome).toMatchObject({
    sent: true,
    status: undefined,
    headers: {},
    failure: { reason: 'lost' },
  })
})

test('an answer is collected from its parts', async () => {
  const { start, controller } = setUp()
  const { outcome, handler } = start()
  handler.onRequestStart?.(controller, {})
  handler.onResponseStart?.(controller, 200, { 'cf-ray': 'x' })
  for (const part of ['{"a"', ':1}']) handler.onResponseData?.(controller, Buffer.from(part))
  handler.onResponseEnd?.(controller, {})
  const body = Buffer.from('{"a":1}')
  expect(await outcome).toEqual({
    sent: true,
    status: 200,
    headers: { 'cf-ray': 'x' },
    body,
    failure: undefined,
  })
})

test('no timer outlives an exchange', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const { start, controller } = setUp()
  const { outcome, handler } = start()
  expect(vi.getTimerCount()).toBe(1)
  handler.onResponseEnd?.(controller, {})
  await outcome
  expect(vi.getTimerCount()).toBe(0)
})

test('nothing is sent for a call that nobody waits for any more', async () => {
  const { start, handlers } = setUp()
  const cancellation = new Cancellation()
  cancellation.cancel()
  expect(await start(cancellation).outcome).toMatchObject({ sent: false, failure: { reason: 'aborted' } })
  expect(handlers).toEqual([])
})

test('what fails after it was given up does not end what is cancellable by then', async () => {
  const { start, controller } = setUp()
  const cancellation = new Cancellation()
  const { outcome, handler } = start(cancellation)
  handler.onRequestStart?.(controller, {})
  handler.onResponseError?.(controller, new Error('lost'))
  await outcome
  const end = vi.fn()
  cancellation.onCancel(end)
  handler.onResponseError?.(controller, new Error('closed'))
  cancellation.cancel()
  expect(end).toHaveBeenCalledOnce()
})
