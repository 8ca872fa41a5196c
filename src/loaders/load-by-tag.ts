import DataLoader from 'dataloader'
import type { RestClient } from '../cloudflare/client.ts'
import type { Context } from '../context.ts'
import { fewTags } from '../cost/bill.ts'
import type { ListSpec } from './list-spec.ts'
import { openList } from './load-window.ts'
import { knownRecords, recordsKey } from './records.ts'
import { remember } from './request-cache.ts'

/** How records of one kind are fetched: one by one, or as a list. */
export type TaggedKind<Row> = {
  readonly list: (accountTag: string) => ListSpec<Row>
  readonly get: (rest: RestClient, accountTag: string, tag: string) => Promise<Row | null>
  /** Accounts are never listed instead: many tokens may not list them (quirk 46). */
  readonly neverList?: true
}

/** Where a record is, and the response path that asks for it. */
export type TaggedRecord = { readonly accountTag: string; readonly tag: string; readonly path: string }

/**
 * Loads one record; null where it does not exist. Records of one kind that are asked for together become list pages where that
 * takes fewer calls; one that is known already costs nothing.
 */
export async function loadByTag<Row extends { readonly id: string }>(
  context: Context,
  kind: TaggedKind<Row>,
  { accountTag, tag, path }: TaggedRecord,
): Promise<Row | null> {
  const spec = kind.list(accountTag)
  const known = knownRecords<Row>(context, spec.kind, accountTag).get(tag)
  if (known !== undefined) return known
  const loader = remember(
    context,
    `${recordsKey(spec.kind, accountTag)}#byTag`,
    () =>
      new DataLoader<{ tag: string; path: string }, Row | null, string>(
        (keys) => loadBatch({ context, kind, accountTag, path: keys[0]?.path ?? '' }, keys.map((key) => key.tag)),
        { cacheKeyFn: (key) => key.tag },
      ),
  )
  return loader.load({ tag, path })
}

type Batch<Row> = {
  readonly context: Context
  readonly kind: TaggedKind<Row>
  readonly accountTag: string
  readonly path: string
}

async function loadBatch<Row extends { readonly id: string }>(
  batch: Batch<Row>,
  tags: readonly string[],
): Promise<readonly (Row | null | Error)[]> {
  const { context, kind, accountTag, path } = batch
  const spec = kind.list(accountTag)
  const known = knownRecords<Row>(context, spec.kind, accountTag)
  const pages = spec.sizes === undefined ? 1 : fewTags
  const missing = () => tags.filter((tag) => !known.has(tag))
  const loadOne = (tag: string) => kind.get(context.rest, accountTag, tag)
  let loadMissing: (tag: string) => Promise<Row | null> = loadOne
  if (!kind.neverList && tags.length > pages) {
    try {
      const isWhole = await readPages(batch, tags, missing)
      if (isWhole) loadMissing = () => Promise.resolve(null)
      else context.budget.extend(missing().length, path)
    } catch (error) {
      loadMissing = () => Promise.reject(error)
    }
  }
  const settled = await Promise.allSettled(tags.map((tag) => known.get(tag) ?? loadMissing(tag)))
  return settled.map((one) => (one.status === 'fulfilled' ? one.value : asError(one.reason)))
}

/**
 * Reads list pages as long as they can be the cheaper way; true where the whole list was read, so that a tag that is not in it does
 * not exist.
 */
async function readPages<Row extends { readonly id: string }>(
  { context, kind, accountTag, path }: Batch<Row>,
  tags: readonly string[],
  missing: () => readonly string[],
): Promise<boolean> {
  const { forward } = await openList(context, kind.list(accountTag), path)
  const perPage = forward.maxPage()
  await forward.ensure(0, perPage)
  let read = 1
  while (missing().length > 0) {
    const { length } = forward
    const left = missing().length
    if (length !== undefined) {
      const pages = Math.ceil(length / forward.maxPage()) - read
      if (pages <= 0) return true
      if (pages >= left) return false
      context.budget.extend(pages, path)
      await forward.ensure(0, length)
      return true
    }
    // Nobody told the length: another page is worth it while the rest, one by one, would still not exceed one call a tag.
    if (read + 1 + left > tags.length || left <= 1) return false
    context.budget.extend(1, path)
    await forward.ensure(0, (read + 1) * forward.maxPage())
    read += 1
  }
  return false
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}
