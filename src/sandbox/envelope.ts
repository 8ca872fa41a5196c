import { type PageRequest, resultInfoOf } from './paging.ts'
import type { Quirks } from './quirks.ts'
import type { Refusal } from './refusal.ts'

export type Envelope = {
  readonly success: boolean
  readonly errors: readonly unknown[]
  readonly messages?: readonly unknown[]
  readonly result?: unknown
  readonly result_info?: Readonly<Record<string, number>>
}

/** What a call answers that went well; `result` is left out where it is undefined (quirk 43). */
export function succeed(quirks: Quirks, result?: unknown): Envelope {
  const messages = quirks.has('filledMessages')
    ? [{ code: 10000, message: 'This endpoint is subject to change.', type: null }]
    : []
  return { ...(result === undefined ? {} : { result }), success: true, errors: [], messages }
}

/** The answer to a DELETE: normally the id (quirk 28). */
export function succeedDeleted(quirks: Quirks, id: string): Envelope {
  return succeed(quirks, quirks.has('deletedResultNull') ? null : { id })
}

export type ListAnswer = {
  readonly rows: readonly unknown[]
  /** Empty lists of this kind were seen as null (quirk 12). */
  readonly seenNull?: boolean
  /** Undefined where this kind has no `result_info` at all. */
  readonly info?: {
    readonly page: PageRequest
    readonly matching: number
    readonly all: number
    /** `result_info` of this kind was seen missing (quirk 13). */
    readonly seenMissing?: boolean
  }
}

/** The answer to a list call, with `result: null` and `result_info` as the quirks have it. */
export function succeedList(quirks: Quirks, { rows, seenNull = false, info }: ListAnswer): Envelope {
  const isNull =
    rows.length === 0 && (quirks.has('nullListsEverywhere') || (seenNull && quirks.has('nullLists')))
  const envelope = succeed(quirks, isNull ? null : rows)
  if (info === undefined || (info.seenMissing === true && quirks.has('missingResultInfo'))) return envelope
  return {
    ...envelope,
    result_info: resultInfoOf(info.page, {
      count: rows.length,
      totalCount: quirks.has('totalCountIgnoresFilters') ? info.all : info.matching,
      withTotalPages: quirks.has('totalPages'),
    }),
  }
}

/** The envelope of a refusal. */
export function failEnvelope(quirks: Quirks, { errors, options }: Refusal): Envelope {
  if (options.short === true && quirks.has('shortAuthEnvelopes')) return { success: false, errors }
  return { success: false, errors, messages: [], result: options.result ?? null }
}
