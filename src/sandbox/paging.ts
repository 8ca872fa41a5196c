import { refuseParameter } from './refusal.ts'

/** The `per_page` that an endpoint allows (quirk 15), and the smaller page that it may really give. */
export type PageRange = {
  readonly min: number
  readonly max: number
  readonly default: number
  readonly cap?: number | undefined
}

export type PageRequest = { readonly page: number; readonly perPage: number }

/** `page` and `per_page` of a request. Throws a `Refusal` where they are out of range (quirk 16). */
export function parsePage(
  query: Readonly<Record<string, string | undefined>>,
  { min, max, default: fallback, cap = max }: PageRange,
): PageRequest {
  const page = parseCount(query.page) ?? 1
  const perPage = parseCount(query.per_page) ?? fallback
  if (!(page >= 1)) throw refuseParameter('page variable must be a number starting from 1')
  if (!(perPage >= min && perPage <= max))
    throw refuseParameter(`per_page variable must be a number between ${min} and ${max}`)
  return { page, perPage: Math.min(perPage, cap) }
}

/** The rows of one page: none past the end. */
export function slicePage<T>(rows: readonly T[], { page, perPage }: PageRequest): readonly T[] {
  return rows.slice((page - 1) * perPage, page * perPage)
}

/** `result_info`; `count` is the number of rows on this page, as other endpoints use it. */
export function resultInfoOf(
  { page, perPage }: PageRequest,
  totals: { readonly count: number; readonly totalCount: number; readonly withTotalPages: boolean },
): Readonly<Record<string, number>> {
  return {
    page,
    per_page: perPage,
    count: totals.count,
    total_count: totals.totalCount,
    ...(totals.withTotalPages ? { total_pages: Math.ceil(totals.totalCount / perPage) } : {}),
  }
}

function parseCount(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  return /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
}
