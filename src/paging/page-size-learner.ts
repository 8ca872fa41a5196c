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

// An upstream whose page sizes keep changing is not followed for ever.
const maxChanges = 8

/** Finds out how many rows the pages of one list really hold: a cap may be smaller than documented, sizes may be ignored. */
export class PageSizeLearner {
  private readonly documented: PageSizes
  private readonly learnedMax: LearnedMax
  private planned: PageSizes
  private changed = 0
  // The largest size that was asked for and given in full: smaller ones are heeded too.
  private proven = 0
  private startsWithDefault = false
  private isTold = false
  private supposedMax: number | undefined

  /** Starts from the documented sizes and what was learnt in earlier requests. */
  constructor(documented: PageSizes, learnedMax: LearnedMax) {
    this.documented = documented
    this.learnedMax = learnedMax
    this.planned = capSizes(documented, learnedMax.get() ?? documented.max)
  }

  /** Sizes to plan with. */
  sizes(): PageSizes {
    return this.planned
  }

  /** Grows whenever pages turn out to hold other numbers of rows than was thought. */
  changes(): number {
    return this.changed
  }

  /**
   * How many rows a full page like this one holds. Undefined where its rows leave open whether they are a full page of another size
   * than asked, or the last ones of the list.
   */
  sizeOf({ asked, count, told, total }: PageReport): number | undefined {
    const { documented } = this
    const leavesRowsOut = (size: number) =>
      count > 0 && count < size && total !== undefined && (asked.page - 1) * size + count < total
    const isLikely =
      told !== undefined && told >= Math.max(1, count) && told <= Math.max(count, documented.max)
    if (isLikely && !leavesRowsOut(told)) return told
    if (count > asked.perPage) {
      const size = Math.max(count, documented.default)
      return leavesRowsOut(size) ? count : size
    }
    if (count === asked.perPage || asked.perPage <= this.proven) return asked.perPage
    if (total !== undefined) return leavesRowsOut(asked.perPage) ? undefined : asked.perPage
    // Nothing is told. Pages of the default size come from who heeds sizes and from who does not.
    const isLater = asked.page > 1 && this.startsWithDefault && asked.perPage !== documented.default
    return (count === documented.default || isLater) && !this.heedsSizes() ? undefined : asked.perPage
  }

  /** How many rows a page holds of which the upstream told nothing. */
  usualSizeOf({ perPage }: Page): number {
    return clampSize(perPage, this.planned)
  }

  /** Takes note of a page and of what it holds when full. */
  note(report: PageReport, size: number): void {
    const { asked, count, told, total } = report
    const { documented, planned } = this
    if (size === told) this.isTold = true
    if (size === asked.perPage && count === size) {
      if (size === documented.default) this.startsWithDefault ||= asked.page === 1
      else this.proven = Math.max(this.proven, size)
    }
    const isKnown = size === asked.perPage || (planned.min <= size && planned.max === size)
    if (!isKnown && this.changed < maxChanges) {
      // A page of the default size, and no word on it: nothing shows that smaller ones would be heeded.
      const isHeeded = size === told || total !== undefined || size !== documented.default
      this.planned =
        size < asked.perPage && isHeeded ? capSizes(planned, size) : { ...planned, min: size, max: size }
      this.supposedMax = size
      this.changed += 1
    }
    this.keep(report, size)
  }

  /** Whether a row that is not where it was has moved, and is not only counted wrongly. */
  isSure(total: number | undefined): boolean {
    if (this.isTold || this.learnedMax.get() !== undefined) return true
    return total === undefined ? this.heedsSizes() : this.proven === this.documented.max
  }

  /** The page that shows whether sizes are heeded: it starts at the same row in any case, so that only its number of rows is open. */
  showingPage(): Page {
    return { page: 1, perPage: this.documented.max }
  }

  /** To be called when that page was noted. */
  settle(): void {
    if (this.changed === 0) this.learnedMax.set(this.documented.max)
  }

  private heedsSizes(): boolean {
    const { documented } = this
    return this.proven > documented.default || this.learnedMax.get() === documented.max
  }

  // A smaller page is only certain when it is seen that the list goes on behind it.
  private keep({ asked, count, told, total }: PageReport, size: number): void {
    const { learnedMax, documented, supposedMax } = this
    const start = (asked.page - 1) * size
    const goesOn = size === told && total !== undefined && start + count < total
    if (supposedMax !== undefined && supposedMax < documented.max) {
      if (count > 0 && (start + count > supposedMax || goesOn)) learnedMax.set(supposedMax)
    } else if (learnedMax.get() === undefined) {
      if (this.proven === documented.max || (size === told && size === asked.perPage))
        learnedMax.set(documented.max)
    }
  }
}

/** The size nearest to the wanted one that an endpoint takes. */
export function clampSize(perPage: number, { min, max }: PageSizes): number {
  return Math.min(Math.max(perPage, min), max)
}

function capSizes(sizes: PageSizes, max: number): PageSizes {
  return max < sizes.max ? { ...sizes, min: Math.min(sizes.min, max), max } : sizes
}
