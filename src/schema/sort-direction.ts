import { builder } from './builder.ts'

export const SortDirection = builder.enumType('SortDirection', {
  description: 'Which way to sort.',
  values: { ASC: { description: 'A before Z.' }, DESC: { description: 'Z before A.' } } as const,
})

/** Whether an `orderBy` argument turns a list round. */
export function isDescending(orderBy: unknown): boolean {
  return (
    typeof orderBy === 'object' && orderBy !== null && 'direction' in orderBy && orderBy.direction === 'DESC'
  )
}
