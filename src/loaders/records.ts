import type { Context } from '../context.ts'
import type { ListSpec, RecordKind } from './list-spec.ts'
import { remember } from './request-cache.ts'

/** The records of one kind in one account that this request has seen whole, by tag. */
export function knownRecords<Row>(context: Context, kind: RecordKind, accountTag: string): Map<string, Row> {
  return remember(context, `${recordsKey(kind, accountTag)}#records`, () => new Map<string, Row>())
}

/** Keeps the rows of a list page: they are the records that a fetch by tag would give. */
export function rememberRecords<Row extends { readonly id: string }>(
  context: Context,
  spec: ListSpec<Row>,
  rows: readonly Row[],
): void {
  // A row of a user group's members is no record that anything fetches by tag (quirk 42).
  if (spec.kind === 'user_group_members') return
  const [accountTag = ''] = spec.key.split('/')
  const known = knownRecords<Row>(context, spec.kind, accountTag)
  for (const row of rows) known.set(row.id, row)
}

/** Prefix of all that a request remembers of one kind in one account. */
export function recordsKey(kind: RecordKind, accountTag: string): string {
  return kind === 'accounts' ? 'accounts' : `${accountTag}/${kind}`
}
