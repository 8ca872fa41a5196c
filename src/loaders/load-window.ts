import DataLoader from 'dataloader'
import type { Context } from '../context.ts'
import type { Window } from '../paging/window.ts'
import type { WindowNeeds } from '../paging/window-plan.ts'
import { type ListSpec, traitsOf } from './list-spec.ts'
import { PagedList } from './paged-list.ts'
import { emptyWindow, type ReadableList, type RowWindow, readWindow } from './read-window.ts'
import { countRead } from './reads-under-way.ts'
import { rememberRecords } from './records.ts'
import { remember } from './request-cache.ts'
import type { RowSource } from './row-source.ts'
import { createWholeList } from './whole-list.ts'

type WindowRequest = { readonly window: Window; readonly needs: WindowNeeds; readonly path: string }

type AskedWindow<Row> = WindowRequest & { readonly spec: ListSpec<Row> }

/** Loads one window of a list. Windows of one tick share pages, and no page is read twice in a request. */
export function loadWindow<Row extends { readonly id: string }>(
  context: Context,
  spec: ListSpec<Row>,
  { window, needs, path }: WindowRequest,
): Promise<RowWindow<Row>> {
  const create = () =>
    new DataLoader<AskedWindow<Row>, { readonly reading: Promise<RowWindow<Row>> }, string>(
      (asked) => startReading(context, spec, asked),
      { cacheKeyFn: nameOfWindow },
    )
  const loader = remember(context, `${spec.recordsKey}#windows`, create)
  return loader.load({ spec, window, needs, path }).then(({ reading }) => reading)
}

// Answers at once, so that no window waits for another of its batch.
async function startReading<Row extends { readonly id: string }>(
  context: Context,
  { kind, recordsKey }: ListSpec<Row>,
  asked: readonly AskedWindow<Row>[],
): Promise<readonly { readonly reading: Promise<RowWindow<Row>> }[]> {
  const started: { reading: Promise<RowWindow<Row>> }[] = []
  const batch = { loader: 'window', kind, size: asked.length } as const
  const all = context.probe.batch(batch, () => {
    for (const one of asked) started.push({ reading: readOne(context, one) })
    return Promise.allSettled(started.map(({ reading }) => reading))
  })
  countRead(context, recordsKey, all)
  return started
}

function nameOfWindow<Row>({ spec, window, needs }: AskedWindow<Row>): string {
  const { size, from, after, before } = window
  const cursors = after === undefined && before === undefined ? '' : JSON.stringify([after, before])
  return `${spec.key}#${from}${size}${needs.rows}${needs.more}${needs.totalCount}${cursors}`
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
    const row = forward.at(offset)
    if (row === undefined) return [...rows.values()]
    rows.set(spec.keyOf(row), row)
  }
}

function readOne<Row extends { readonly id: string }>(
  context: Context,
  { spec, window, needs, path }: AskedWindow<Row>,
): Promise<RowWindow<Row>> {
  // Nothing selected that needs the list, such as `__typename` alone: not even a single-page endpoint is
  // asked.
  if (!needs.rows && !needs.more && !needs.totalCount) return Promise.resolve(emptyWindow(null))
  const list = openList(context, spec, path)
  return list instanceof Promise
    ? list.then((opened) => readWindow(opened, window, needs))
    : readWindow(list, window, needs)
}

/** The list with all that this request has read of it; at once, but where it comes in one answer. */
export function openList<Row extends { readonly id: string }>(
  context: Context,
  spec: ListSpec<Row>,
  path: string,
): ReadableList<Row> | Promise<ReadableList<Row>> {
  return remember(context, spec.key, () => createList(context, spec, path))
}

function createList<Row extends { readonly id: string }>(
  context: Context,
  spec: ListSpec<Row>,
  path: string,
): ReadableList<Row> | Promise<ReadableList<Row>> {
  const { rest, budget } = context
  const { sizes, matches, keyOf } = spec
  const traits = traitsOf(spec, rest.pageCaps)
  const beforeWalk = () => budget.extend(1, path)
  if (sizes === undefined) {
    return spec.fetch(rest, { page: 1, perPage: 0, direction: undefined }).then(({ rows }) => {
      rememberRecords(context, spec, rows)
      return { traits, matches, beforeWalk, forward: createWholeList(rows, keyOf), reverse: undefined }
    })
  }
  const inOrder = (direction: 'asc' | 'desc' | undefined): RowSource<Row> =>
    new PagedList({
      sizes,
      trustTotal: !spec.isFiltered,
      keyOf,
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
    traits,
    matches,
    beforeWalk,
    forward: inOrder(undefined),
    reverse: spec.isReversible ? { open, opened: () => reverse } : undefined,
  }
}
