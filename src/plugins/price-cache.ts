import type { DocumentNode } from 'graphql'
import type { Price } from '../cost/bill.ts'
import { type AnswerSize, estimatePrice, type PageCaps, type PricedOperation } from '../cost/estimate.ts'
import { type BoundedCache, createBoundedCache } from './bounded-cache.ts'
import { variablesText } from './variables-text.ts'

type Known = {
  readonly price: Price & AnswerSize
  /** The page sizes that it was computed with, by list kind. */
  readonly pageCaps: ReadonlyMap<string, number | undefined>
}

// For each document. Characters, of variables.
const bounds = { maxEntries: 20, maxSize: 16 * 1024 }

/**
 * `estimatePrice`, which is asked once for the same operation with the same variables: a client sends few of them over and over. A price
 * counts as long as the page sizes that were looked up for it are what the caller's upstream was seen to give.
 */
export function createPriceCache(): typeof estimatePrice {
  const documents = new WeakMap<DocumentNode, BoundedCache<Known>>()

  function knownOf(document: DocumentNode): BoundedCache<Known> {
    const known =
      documents.get(document) ?? createBoundedCache<Known>({ ...bounds, sizeOf: (name) => name.length })
    documents.set(document, known)
    return known
  }

  return (operation: PricedOperation) => {
    const { document, operationName, variables, pageCaps } = operation
    const text = variablesText(variables)
    if (text === undefined) return estimatePrice(operation)
    const known = knownOf(document)
    const name = `${operationName ?? ''} ${text}`
    const entry = known.get(name)
    if (entry !== undefined && isOf(pageCaps, entry)) return entry.price
    const asked = new Map<string, number | undefined>()
    const recording: PageCaps = {
      get(kind) {
        const cap = pageCaps.get(kind)
        asked.set(kind, cap)
        return cap
      },
    }
    const price = estimatePrice({ ...operation, pageCaps: recording })
    known.set(name, { price, pageCaps: asked })
    return price
  }
}

function isOf(current: PageCaps, { pageCaps }: Known): boolean {
  for (const [kind, cap] of pageCaps) if (current.get(kind) !== cap) return false
  return true
}
