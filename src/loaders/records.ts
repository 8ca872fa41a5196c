import type { Context } from '../context.ts'
import type { ListSpec } from './list-spec.ts'
import { remember } from './request-cache.ts'

/** The records of one kind in one account that this request has seen whole, by tag; `recordsKey` names kind and account. */
export function knownRecords<Row>(context: Context, recordsKey: string): Map<string, Row> {
  return remember(context, `${recordsKey}#records`, () => new Map<string, Row>())
}

/** Keeps the rows of a list page: they are the records that a fetch by tag would give. */
export function rememberRecords<Row extends { readonly id: string }>(
  context: Context,
  spec: ListSpec<Row>,
  rows: readonly Row[],
): void {
  // A row of a user group's members is no record that anything fetches by tag (quirk 42).
  if (spec.kind === 'user_group_members') return
  const known = knownRecords<Row>(context, spec.recordsKey)
  for (const row of rows) known.set(row.id, row)
}
