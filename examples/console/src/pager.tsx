import { useState } from 'react'
import { type FragmentType, graphql, readFragment } from './gql/index.ts'

const PageTurns = graphql(`
  fragment PageTurns on PageInfo {
    hasNextPage
    hasPreviousPage
    startCursor
    endCursor
  }
`)

/** The arguments of a connection; all are named, so that one replaces another. */
type Window = {
  readonly first: number | null
  readonly after: string | null
  readonly last: number | null
  readonly before: string | null
}

export type Pages = {
  /** The page, counted from 1. */
  readonly number: number
  readonly window: Window
  turn(number: number, window: Window): void
  /** Back to the first page, for another list. */
  restart(): void
}

/** Pages of `size` rows of one connection; `window` goes into the query's variables. */
export function usePages(size: number): Pages {
  const start = { number: 1, window: { first: size, after: null, last: null, before: null } }
  const [page, setPage] = useState<Pick<Pages, 'number' | 'window'>>(start)
  return {
    ...page,
    turn: (number, window) => setPage(number <= 1 ? start : { number, window }),
    restart: () => setPage(start),
  }
}

type PagerProps = {
  readonly pages: Pages
  readonly pageInfo: FragmentType<typeof PageTurns>
  /** What is paged through, in words. */
  readonly of: string
  /** All rows, where the upstream tells. */
  readonly total?: number | null
}

/** Turns the pages of a connection; nothing where there is only one. */
export function Pager({ pages, pageInfo, of, total }: PagerProps) {
  const { hasNextPage, hasPreviousPage, startCursor, endCursor } = readFragment(PageTurns, pageInfo)
  const size = pages.window.first ?? pages.window.last
  // A page whose rows are all gone has none before it to name, but pages there are.
  const hasPrevious = hasPreviousPage || pages.number > 1
  if (!hasNextPage && !hasPrevious) return null
  return (
    <nav className="pager" aria-label={`Pages of ${of}`}>
      <button
        type="button"
        disabled={!hasPrevious}
        onClick={() =>
          pages.turn(pages.number - 1, { first: null, after: null, last: size, before: startCursor })
        }
      >
        Previous
      </button>
      <span aria-live="polite">
        Page {pages.number}
        {total && size && ` of ${Math.max(pages.number, Math.ceil(total / size))}`}
      </span>
      <button
        type="button"
        disabled={!hasNextPage}
        onClick={() =>
          pages.turn(pages.number + 1, { first: size, after: endCursor, last: null, before: null })
        }
      >
        Next
      </button>
    </nav>
  )
}
