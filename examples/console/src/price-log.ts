import { useSyncExternalStore } from 'react'

/** What one operation cost, in calls of the REST API. */
export type Price = {
  /** Counts from 1, in the order of the answers. */
  readonly number: number
  readonly operation: string
  readonly estimated: number
  readonly made: number
  /** What one operation may cost. */
  readonly limit: number
}

let prices: readonly Price[] = []
const listeners = new Set<() => void>()

/** Notes the price of an operation as its answer told it in `extensions.restCalls`; anything else is no price. */
export function logPrice(operation: string, restCalls: unknown): void {
  if (!isRestCalls(restCalls)) return
  const { estimated, made, limit } = restCalls
  prices = [...prices, { number: prices.length + 1, operation, estimated, made, limit }]
  for (const listener of listeners) listener()
}

/** The prices of all that this page has asked, in order. */
export function usePriceLog(): readonly Price[] {
  return useSyncExternalStore(subscribe, () => prices)
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function isRestCalls(value: unknown): value is Pick<Price, 'estimated' | 'made' | 'limit'> {
  return (
    typeof value === 'object' && value !== null && 'estimated' in value && 'made' in value && 'limit' in value
  )
}
