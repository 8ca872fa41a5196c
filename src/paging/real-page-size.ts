import type { Page } from './page-plan.ts'

/** A REST page as it came: what was asked for, and what the upstream says of it. Numbers of rows. */
export type PageReport = {
  readonly asked: Page
  readonly count: number
  /** `per_page` as the upstream tells it. */
  readonly told: number | undefined
  /** Rows in the list, where the upstream's total can be believed. */
  readonly total: number | undefined
}

/** What earlier pages and the documentation taught about page sizes. */
export type PageCustoms = {
  /** The largest size that was asked for and given in full: smaller ones are heeded too. */
  readonly proven: number
  /** Whether the endpoint was seen to heed sizes at all. */
  readonly heeded: boolean
  /** What the endpoint gives where it is not asked for a size, or does not listen. */
  readonly defaultSize: number
}

/**
 * How many rows a full page of this kind really holds: as told, else as its rows tell. Undefined where the rows leave it open whether
 * they are a full page, of a smaller size than asked, or the last ones of the list.
 */
export function realPageSize(report: PageReport, customs: PageCustoms): number | undefined {
  const { asked, count, told, total } = report
  const leavesRowsOut = (size: number) =>
    count > 0 && count < size && total !== undefined && (asked.page - 1) * size + count < total
  if (told !== undefined && told >= Math.max(1, count) && !leavesRowsOut(told)) return told
  if (count > asked.perPage) {
    // The size was not listened to.
    const size = Math.max(count, customs.defaultSize)
    return leavesRowsOut(size) ? count : size
  }
  if (count === 0 || count === asked.perPage || asked.perPage <= customs.proven) return asked.perPage
  if (total !== undefined) return leavesRowsOut(asked.perPage) ? undefined : asked.perPage
  return count === customs.defaultSize && !customs.heeded ? undefined : asked.perPage
}
