import DataLoader from 'dataloader'
import type { Context } from '../context.ts'
import type { Window } from '../paging/window.ts'
import { planWindow, type WindowNeeds } from '../paging/window-plan.ts'
import { type ListSpec, traitsOf } from './list-spec.ts'
import { createPagedList } from './paged-list.ts'
import { type ReadableList, type RowWindow, readWindow } from './read-window.ts'
import { countRead } from './reads-under-way.ts'
import { recordsKey, rememberRecords } from './records.ts'
import { remember } from './request-cache.ts'
import type { RowSource } from './row-source.ts'
import { createWholeList } from './whole-list.ts'

type WindowRequest = { readonly window: Window; readonly needs: WindowNeeds; readonly path: string }

/** Loads one window of a list. Windows of one tick share pages, and no page is read twice in a request. */
export function loadWindow<Row extends { readonly id: string }>(
  context: Context,
  spec: ListSpec<Row>,
  request: WindowRequest,
): Promise<RowWindow<Row>> {
  const loader = remember(
    context,
    `${spec.key}#windows`,
    () =>
      new DataLoader<WindowRequest, RowWindow<Row>, string>(
        (requests) =>
          context.probe.batch({ loader: 'window', kind: spec.kind, size: requests.length }, async () => {
            const readings = requests.map((one) => readOne(context, spec, one))
            return (await Promise.allSettled(readings)).map((settled) =>
              settled.status === 'fulfilled' ? settled.value : asError(settled.reason),
            )
          }),
        { cacheKeyFn: ({ window, needs }) => JSON.stringify([window, needs]) },
      ),
  )
  const [accountTag = ''] = spec.key.split('/')
  return countRead(context, recordsKey(spec.kind, accountTag), loader.load(request))
}

/**
 * Loads every row of a list, none twice. The price counts the first page; that page tells the others, which
 * are announced before they are read.
 * @throws CostLimitExceeded where that is too dear.
 */
export function loadAll<Row extends { readonly id: string }>(
  context: Context,
  spec: ListSpec<Row>,
  path: string,
): Promise<readonly Row[]> {
  // Once, however many ask: or else each of them would announce the same pages.
  return remember(context, `${spec.key}#all`, () => readAll(context, spec, path))
}

async function readAll<Row extends { readonly id: string }>(
  context: Context,
  spec: ListSpec<Row>,
  path: string,
): Promise<readonly Row[]> {
  const { forward } = await openList(context, spec, path)
  const announce = () => context.budget.extend(1, path)
  forward.expect(1)
  await forward.ensure(0, forward.maxPage(), announce)
  const length = forward.length()
  if (length !== undefined && length > forward.maxPage()) {
    const pages = Math.ceil(length / forward.maxPage()) - 1
    context.budget.extend(pages, path)
    forward.expect(pages)
  }
  await forward.ensure(0, Number.POSITIVE_INFINITY, announce)
  const rows = new Map<string, Row>()
  for (let offset = 0; ; offset += 1) {
    const placed = forward.at(offset)
    if (placed === undefined) return [...rows.values()]
    rows.set(placed.mark, placed.row)
  }
}

async function readOne<Row extends { readonly id: string }>(
  context: Context,
  spec: ListSpec<Row>,
  { window, needs, path }: WindowRequest,
): Promise<RowWindow<Row>> {
  const traits = traitsOf(spec, context.rest.pageCaps)
  // Nothing selected that needs the list, such as `__typename` alone: not even a single-page endpoint is
  // asked.
  if (!needs.rows && !needs.more && !needs.totalCount) {
    return { rows: [], hasNextPage: false, hasPreviousPage: false, totalCount: null }
  }
  const plan = planWindow(window, traits, needs)
  if (plan.calls === 0 && spec.sizes !== undefined) {
    return { rows: [], hasNextPage: false, hasPreviousPage: false, totalCount: null }
  }
  return readWindow(await openList(context, spec, path), window, needs)
}

/** The list with all that this request has read of it. */
export function openList<Row extends { readonly id: string }>(
  context: Context,
  spec: ListSpec<Row>,
  path: string,
): Promise<ReadableList<Row>> {
  return remember(context, spec.key, () => createList(context, spec, path))
}

async function createList<Row extends { readonly id: string }>(
  context: Context,
  spec: ListSpec<Row>,
  path: string,
): Promise<ReadableList<Row>> {
  const { rest, budget } = context
  const traits = traitsOf(spec, rest.pageCaps)
  const shared = { traits, matches: spec.matches, beforeWalk: () => budget.extend(1, path) }
  if (spec.sizes === undefined) {
    const { rows } = await spec.fetch(rest, { page: 1, perPage: 0, direction: undefined })
    rememberRecords(context, spec, rows)
    return { ...shared, forward: createWholeList(rows, spec.keyOf), reverse: undefined }
  }
  const { sizes } = spec
  const inOrder = (direction: 'asc' | 'desc' | undefined): RowSource<Row> =>
    createPagedList({
      sizes,
      trustTotal: !spec.isFiltered,
      keyOf: spec.keyOf,
      fetch: ({ page, perPage }) => spec.fetch(rest, { page, perPage, direction }),
      onRows: (rows) => rememberRecords(context, spec, rows),
      learnedMax: {
        get: () => rest.pageCaps.get(spec.kind),
        set: (perPage) => rest.pageCaps.set(spec.kind, perPage),
      },
    })
  let reverse: RowSource<Row> | undefined
  const open = () => {
    reverse ??= inOrder('desc')
    return reverse
  }
  return {
    ...shared,
    forward: inOrder(undefined),
    reverse: spec.isReversible ? { open, opened: () => reverse } : undefined,
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}
