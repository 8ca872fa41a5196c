import type { Page, PageSizes } from './page-plan.ts'

/** A REST page as it came. Numbers of rows. */
export type PageReport = {
  readonly asked: Page
  readonly count: number
  /** `per_page` as the upstream tells it. */
  readonly told: number | undefined
  /** Rows in the list, where the upstream's total can be believed. */
  readonly total: number | undefined
}

/** The largest page that this upstream was seen to give; kept beyond the request. */
export type LearnedMax = { get(): number | undefined; set(perPage: number): void }

/** Finds out how many rows the pages of one list really hold: a cap may be smaller than documented, sizes may be ignored. */
export type PageSizeLearner = {
  /** Sizes to plan with. */
  sizes(): PageSizes
  /** Grows whenever pages turn out to hold other numbers of rows than was thought. */
  changes(): number
  /**
   * How many rows a full page like this one holds. Undefined where its rows leave open whether they are a full page of another size
   * than asked, or the last ones of the list.
   */
  sizeOf(report: PageReport): number | undefined
  /** How many rows a page holds of which the upstream told nothing. */
  usualSizeOf(asked: Page): number
  /** Takes note of a page and of what it holds when full. */
  note(report: PageReport, size: number): void
  /** Whether a row that is not where it was has moved, and is not only counted wrongly. */
  isSure(total: number | undefined): boolean
  /** The page that shows whether sizes are heeded: it starts at the same row in any case, so that only its number of rows is open. */
  readonly showingPage: Page
  /** To be called when that page was noted. */
  settle(): void
}

// An upstream whose page sizes keep changing is not followed for ever.
const maxChanges = 8

/** Starts from the documented sizes and what was learnt in earlier requests. */
export function createPageSizeLearner(documented: PageSizes, learnedMax: LearnedMax): PageSizeLearner {
  let sizes = capSizes(documented, learnedMax.get() ?? documented.max)
  let changes = 0
  // The largest size that was asked for and given in full: smaller ones are heeded too.
  let proven = 0
  let startsWithDefault = false
  let isTold = false
  let supposedMax: number | undefined

  const heedsSizes = () => proven > documented.default || learnedMax.get() === documented.max

  function sizeOf({ asked, count, told, total }: PageReport): number | undefined {
    const leavesRowsOut = (size: number) =>
      count > 0 && count < size && total !== undefined && (asked.page - 1) * size + count < total
    const isLikely =
      told !== undefined && told >= Math.max(1, count) && told <= Math.max(count, documented.max)
    if (isLikely && !leavesRowsOut(told)) return told
    if (count > asked.perPage) {
      const size = Math.max(count, documented.default)
      return leavesRowsOut(size) ? count : size
    }
    if (count === asked.perPage || asked.perPage <= proven) return asked.perPage
    if (total !== undefined) return leavesRowsOut(asked.perPage) ? undefined : asked.perPage
    // Nothing is told. Pages of the default size come from who heeds sizes and from who does not.
    const isLater = asked.page > 1 && startsWithDefault && asked.perPage !== documented.default
    return (count === documented.default || isLater) && !heedsSizes() ? undefined : asked.perPage
  }

  function note({ asked, count, told, total }: PageReport, size: number): void {
    if (size === told) isTold = true
    if (size === asked.perPage && count === size) {
      if (size === documented.default) startsWithDefault ||= asked.page === 1
      else proven = Math.max(proven, size)
    }
    const isKnown = size === asked.perPage || (sizes.min <= size && sizes.max === size)
    if (!isKnown && changes < maxChanges) {
      // A page of the default size, and no word on it: nothing shows that smaller ones would be heeded.
      const isHeeded = size === told || total !== undefined || size !== documented.default
      sizes = size < asked.perPage && isHeeded ? capSizes(sizes, size) : { ...sizes, min: size, max: size }
      supposedMax = size
      changes += 1
    }
    keep({ asked, count, told, total }, size)
  }

  // A smaller page is only certain when it is seen that the list goes on behind it.
  function keep({ asked, count, told, total }: PageReport, size: number): void {
    const start = (asked.page - 1) * size
    const goesOn = size === told && total !== undefined && start + count < total
    if (supposedMax !== undefined && supposedMax < documented.max) {
      if (count > 0 && (start + count > supposedMax || goesOn)) learnedMax.set(supposedMax)
    } else if (learnedMax.get() === undefined) {
      if (proven === documented.max || (size === told && size === asked.perPage))
        learnedMax.set(documented.max)
    }
  }

  return {
    sizes: () => sizes,
    changes: () => changes,
    sizeOf,
    usualSizeOf: ({ perPage }) => clampSize(perPage, sizes),
    note,
    isSure(total) {
      if (isTold || learnedMax.get() !== undefined) return true
      return total === undefined ? heedsSizes() : proven === documented.max
    },
    showingPage: { page: 1, perPage: documented.max },
    settle() {
      if (changes === 0) learnedMax.set(documented.max)
    },
  }
}

/** The size nearest to the wanted one that an endpoint takes. */
export function clampSize(perPage: number, { min, max }: PageSizes): number {
  return Math.min(Math.max(perPage, min), max)
}

function capSizes(sizes: PageSizes, max: number): PageSizes {
  return max < sizes.max ? { ...sizes, min: Math.min(sizes.min, max), max } : sizes
}
