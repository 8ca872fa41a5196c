import DataLoader from 'dataloader'
import type { RestClient } from '../cloudflare/client.ts'
import type { Context } from '../context.ts'
import { fewTags } from '../cost/bill.ts'
import { type ListSpec, type RecordKind, recordsKeyOf } from './list-spec.ts'
import { openList } from './load-window.ts'
import { whenNoneUnderWay } from './reads-under-way.ts'
import { knownRecords } from './records.ts'
import { remember } from './request-cache.ts'

/** How records of one kind are fetched: one by one, or as a list. */
export type TaggedKind<Row> = {
  readonly kind: RecordKind
  readonly list: (accountTag: string) => ListSpec<Row>
  readonly get: (rest: RestClient, accountTag: string, tag: string) => Promise<Row | null>
  /** Accounts are never listed instead: many tokens may not list them (quirk 46). */
  readonly neverList?: true
  /** Lists whose rows name such records without holding them: while any is being read, more tags may come. */
  readonly namedIn?: RecordKind
}

/** Where a record is, and the response path that asks for it. */
export type TaggedRecord = {
  readonly accountTag: string
  readonly tag: string
  readonly path: string
  /** Whether no price counted it: then it is announced before it is fetched. */
  readonly isUnpriced?: boolean | undefined
}

/**
 * Loads one record; null where it does not exist. Records of one kind that are asked for together become list
 * pages where that takes fewer calls; one that is known already costs nothing.
 */
export async function loadByTag<Row extends { readonly id: string }>(
  context: Context,
  kind: TaggedKind<Row>,
  record: TaggedRecord,
): Promise<Row | null> {
  const { accountTag, tag } = record
  const known = knownRecords<Row>(context, kind.kind, accountTag).get(tag)
  if (known !== undefined) return known
  const create = () =>
    new DataLoader<TaggedRecord, Row | null, string>(
      (asked) => batch(context, kind, asked, () => loadTogether(context, kind, asked)),
      {
        cacheKeyFn: (one) => one.tag,
        ...(kind.namedIn && { batchScheduleFn: batchAfter(context, recordsKeyOf(kind.namedIn, accountTag)) }),
      },
    )
  return remember(context, `${recordsKeyOf(kind.kind, accountTag)}#byTag`, create).load(record)
}

// One round trip later at most: what is named at one level of a query then comes in one batch, however far
// apart its lists arrive.
function batchAfter(context: Context, readsKey: string): (dispatch: () => void) => void {
  return (dispatch) => void whenNoneUnderWay(context, readsKey).then(dispatch)
}

/**
 * Loads one record by its own call, for what list rows leave out; null where it does not exist. No price
 * counts these: they are announced before the first is sent, those of one moment together.
 */
export function loadDetail<Row extends { readonly id: string }>(
  context: Context,
  kind: TaggedKind<Row>,
  record: TaggedRecord,
): Promise<Row | null> {
  const { accountTag } = record
  const create = () =>
    new DataLoader<TaggedRecord, Row | null, string>(
      (asked) =>
        batch(context, kind, asked, async () => {
          const details = detailsOf(context, kind, accountTag)
          context.budget.extend(asked.filter(({ tag }) => !details.has(tag)).length, record.path)
          return settle(asked.map(({ tag }) => fetchDetail(context, kind, { accountTag, tag })))
        }),
      { cacheKeyFn: (one) => one.tag },
    )
  const key = `${recordsKeyOf(kind.kind, accountTag)}#detail`
  return remember(context, key, create).load(record)
}

function batch<Row, T>(
  { probe }: Context,
  { list }: TaggedKind<Row>,
  asked: readonly TaggedRecord[],
  load: () => Promise<T>,
): Promise<T> {
  const [{ accountTag } = { accountTag: '' }] = asked
  return probe.batch({ loader: 'record', kind: list(accountTag).kind, size: asked.length }, load)
}

async function loadTogether<Row extends { readonly id: string }>(
  context: Context,
  kind: TaggedKind<Row>,
  asked: readonly TaggedRecord[],
): Promise<readonly (Row | null | Error)[]> {
  const [{ accountTag, path } = { accountTag: '', path: '' }] = asked
  const spec = kind.list(accountTag)
  const few = spec.sizes === undefined ? 1 : fewTags
  const isListed = !kind.neverList && asked.length > few
  const unpriced = asked.filter(({ isUnpriced }) => isUnpriced).length
  context.budget.extend(isListed ? Math.min(1, unpriced) : unpriced, path)
  const known = knownRecords<Row>(context, spec.kind, spec.accountTag)
  let loadMissing = (one: TaggedRecord) => fetchDetail(context, kind, one)
  if (isListed) {
    try {
      const { isWhole, read } = await readPages({ context, spec, path }, asked)
      if (isWhole) loadMissing = () => Promise.resolve(null)
      else {
        const missing = asked.filter(({ tag }) => !known.has(tag)).length
        // One call was counted for the list, whether it was read or not.
        context.budget.extend(read === 0 ? missing - 1 : missing, path)
      }
    } catch (error) {
      // What pages were read before still counts.
      loadMissing = () => Promise.reject(error)
    }
  }
  return settle(asked.map(async (one) => known.get(one.tag) ?? loadMissing(one)))
}

// For each page of a list whose length nobody tells, so many records have to be missing still.
const tagsToRiskAPage = 4

/**
 * Reads list pages as long as they can be the cheaper way, and says how many. `isWhole` where the whole list
 * was read, so that a tag that is not in it does not exist. Where nobody told the length before, the first
 * page does: should it hold none of the tags and the others be too many, it was one call in vain.
 */
async function readPages<Row extends { readonly id: string }>(
  { context, spec, path }: { readonly context: Context; readonly spec: ListSpec<Row>; readonly path: string },
  asked: readonly TaggedRecord[],
): Promise<{ readonly isWhole: boolean; readonly read: number }> {
  const known = knownRecords<Row>(context, spec.kind, spec.accountTag)
  const announce = () => context.budget.extend(1, path)
  const { forward } = await openList(context, spec, path)
  forward.expect(1)
  for (let read = 0; ; read += 1) {
    const missing = asked.filter(({ tag }) => !known.has(tag)).length
    if (missing === 0) return { isWhole: false, read }
    const length = forward.length()
    if (length !== undefined) {
      const unread = Array.from({ length }, (_, offset) => forward.at(offset)).filter(
        (row) => row === undefined,
      ).length
      const pages = unread === 0 ? 0 : Math.ceil(unread / forward.maxPage())
      if (pages === 0) return { isWhole: true, read }
      if (pages >= missing) return { isWhole: false, read }
      const more = read === 0 ? pages - 1 : pages
      context.budget.extend(more, path)
      forward.expect(more)
      await forward.ensure(0, length, announce)
      return { isWhole: true, read: read + pages }
    }
    // Another page is worth it while the rest, one by one, would still not exceed one call a tag, or while
    // pages are few beside them.
    const isCovered = read + 1 + missing <= asked.length
    const isFew = tagsToRiskAPage * (read + 1) <= missing
    if (read > 0 && (missing === 1 || !(isCovered || isFew))) return { isWhole: false, read }
    await forward.ensure(0, (read + 1) * forward.maxPage(), announce)
  }
}

async function fetchDetail<Row extends { readonly id: string }>(
  context: Context,
  kind: TaggedKind<Row>,
  { accountTag, tag }: Pick<TaggedRecord, 'accountTag' | 'tag'>,
): Promise<Row | null> {
  const details = detailsOf(context, kind, accountTag)
  const detail = details.get(tag)
  if (detail !== undefined) return detail
  const fetched = await kind.get(context.rest, accountTag, tag)
  details.set(tag, fetched)
  return fetched
}

/** The records that this request has fetched by their own calls, by tag; null for those that do not exist. */
function detailsOf<Row extends { readonly id: string }>(
  context: Context,
  kind: TaggedKind<Row>,
  accountTag: string,
): Map<string, Row | null> {
  const key = `${recordsKeyOf(kind.kind, accountTag)}#details`
  return remember(context, key, () => new Map<string, Row | null>())
}

async function settle<Row>(loads: readonly Promise<Row | null>[]): Promise<readonly (Row | null | Error)[]> {
  const settled = await Promise.allSettled(loads)
  return settled.map((one) => {
    if (one.status === 'fulfilled') return one.value
    return one.reason instanceof Error ? one.reason : new Error(String(one.reason))
  })
}
