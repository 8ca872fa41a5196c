import type { Context } from '../context.ts'
import { type ListSpec, type RecordKind, recordsKeyOf } from './list-spec.ts'
import { remember } from './request-cache.ts'

/** The records of one kind in one account that a request has seen whole, by tag. What was seen last counts. */
export class KnownRecords<Row extends { readonly id: string }> {
  private readonly byTag = new Map<string, Row>()
  // Most queries come with hundreds and ask for none by its tag.
  private unsorted: (readonly Row[])[] = []

  add(rows: readonly Row[]): void {
    this.unsorted.push(rows)
  }

  get(tag: string): Row | undefined {
    for (const rows of this.unsorted) for (const row of rows) this.byTag.set(row.id, row)
    this.unsorted = []
    return this.byTag.get(tag)
  }

  has(tag: string): boolean {
    return this.get(tag) !== undefined
  }
}

/** Those of this request. */
export function knownRecords<Row extends { readonly id: string }>(
  context: Context,
  kind: RecordKind,
  accountTag: string,
): KnownRecords<Row> {
  return remember(context, knownKey(kind, accountTag), () => new KnownRecords<Row>())
}

/** Keeps the rows of a list page: they are the records that a fetch by tag would give. */
export function rememberRecords<Row extends { readonly id: string }>(
  context: Context,
  spec: ListSpec<Row>,
  rows: readonly Row[],
): void {
  // A row of a user group's members is no record that anything fetches by tag (quirk 42).
  if (spec.kind === 'user_group_members') return
  knownRecords<Row>(context, spec.kind, spec.accountTag).add(rows)
}

// A request asks hundreds of times, mostly for one account: the text is put together and hashed once.
const latestKeys: { [Kind in RecordKind]?: { readonly accountTag: string; readonly key: string } } = {}

function knownKey(kind: RecordKind, accountTag: string): string {
  let latest = latestKeys[kind]
  if (latest?.accountTag !== accountTag) {
    latest = { accountTag, key: `${recordsKeyOf(kind, accountTag)}#records` }
    latestKeys[kind] = latest
  }
  return latest.key
}
