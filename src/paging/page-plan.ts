/** The page sizes that an endpoint takes. Numbers of rows. */
export type PageSizes = { readonly min: number; readonly max: number; readonly default: number }

/** Rows `offset` to `offset + limit - 1` of a list; offsets count from 0. */
export type RowRange = { readonly offset: number; readonly limit: number }

/** One REST page. `page` counts from 1, as Cloudflare does. */
export type Page = { readonly page: number; readonly perPage: number }

/**
 * The fewest pages that together hold every row of the range, in row order. Any size that the endpoint takes may be
 * chosen, so that `offset 29, limit 20` is one page of 25 to 49 rows and not two of 20.
 */
export function planPages(range: RowRange, sizes: PageSizes): readonly Page[] {
  return planRanges([range], sizes)
}

/** The fewest pages that hold every row of several ranges, which come in order and do not overlap. */
export function planRanges(ranges: readonly RowRange[], sizes: PageSizes): readonly Page[] {
  const pages: Page[] = []
  let reach = 0
  for (const { offset, limit } of ranges) {
    for (let row = Math.max(offset, reach); row < offset + limit; row = reach) {
      const page = farthestPage(row, ranges, sizes)
      pages.push(page)
      reach = pageEnd(page)
    }
  }
  return pages
}

/**
 * The page that shows the most around a row, in both directions: where to look for a row that has moved. `reach` is how many rows
 * above or below it are wanted with it; as many were read there already, so that a smaller move is seen without this page.
 */
export function planAround(
  offset: number,
  sizes: PageSizes,
  reach: { readonly below: number; readonly above: number } = { below: 0, above: 0 },
): Page {
  let best: { page: Page; margin: number } = { page: { page: 1, perPage: sizes.max }, margin: -1 }
  for (let perPage = sizes.max; perPage >= sizes.min; perPage -= 1) {
    for (const neighbour of [offset, Math.max(0, offset - 1), offset + 1]) {
      const page = pageHolding(neighbour, perPage)
      const below = offset - reach.below - pageOffset(page)
      const above = pageEnd(page) - 1 - offset - reach.above
      const margin = Math.min(Math.max(below, reach.below), Math.max(above, reach.above))
      if (margin > best.margin) best = { page, margin }
    }
  }
  return best.page
}

/** The first row of a page, as an offset from 0. */
export function pageOffset(page: Page): number {
  return (page.page - 1) * page.perPage
}

/** The offset after a page's last row. */
export function pageEnd(page: Page): number {
  return page.page * page.perPage
}

// Covering rows with the fewest intervals: from the first uncovered one, take the page that reaches the farthest wanted row, and of
// those the smallest.
function farthestPage(row: number, ranges: readonly RowRange[], sizes: PageSizes): Page {
  // Nothing reaches farther than the end of all that is wanted, and no page smaller than what is left does: mostly, the first try.
  const end = lastWantedBefore(Number.POSITIVE_INFINITY, ranges) + 1
  for (let perPage = Math.max(sizes.min, end - row); perPage <= sizes.max; perPage += 1) {
    const page = pageHolding(row, perPage)
    if (pageEnd(page) >= end) return page
  }
  let best = { page: pageHolding(row, sizes.min), reach: -1 }
  for (let perPage = sizes.min; perPage <= sizes.max; perPage += 1) {
    const page = pageHolding(row, perPage)
    const reach = lastWantedBefore(pageEnd(page), ranges)
    if (reach > best.reach) best = { page, reach }
  }
  return best.page
}

function lastWantedBefore(end: number, ranges: readonly RowRange[]): number {
  const range = ranges.findLast(({ offset, limit }) => offset < end && limit > 0)
  return range === undefined ? -1 : Math.min(end, range.offset + range.limit) - 1
}

function pageHolding(row: number, perPage: number): Page {
  return { page: Math.floor(row / perPage) + 1, perPage }
}
