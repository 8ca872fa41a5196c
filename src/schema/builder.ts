import SchemaBuilder from '@pothos/core'
import DirectivesPlugin from '@pothos/plugin-directives'
import { GraphQLScalarType } from 'graphql'
import { GraphQLDateTimeISO } from 'graphql-scalars'
import type { Context } from '../context.ts'

/**
 * The one schema builder. Fields are nullable unless they say otherwise: a field that costs its own REST call
 * has to be able to fail alone.
 */
export const builder = new SchemaBuilder<{
  Context: Context
  Scalars: {
    ID: { Input: string; Output: string }
    DateTime: { Input: Date; Output: Date }
    _Any: { Input: unknown; Output: unknown }
  }
}>({
  plugins: [DirectivesPlugin],
})

builder.addScalarType(
  'DateTime',
  new GraphQLScalarType({
    ...GraphQLDateTimeISO.toConfig(),
    name: 'DateTime',
    description: 'An instant in RFC 3339 form, in UTC: `2024-01-31T12:00:00Z`.',
  }),
)

builder.queryType({
  description: 'What can be read. The price in REST calls is computed before the first one is made.',
})
builder.mutationType({
  description:
    'What can be changed. Mutations of one operation run in order; what is read after one is read afresh.',
})

/**
 * For fields that are read from an object's own record: selecting one costs fetching the object, where it has
 * not come along.
 */
export const fromRecord = { extensions: { fromRecord: true } } as const

/** An upstream timestamp as a date; null where there is none or it is no date. */
export function dateOf(timestamp: string | null | undefined): Date | null {
  if (timestamp === null || timestamp === undefined) return null
  const date = new Date(timestamp)
  return Number.isNaN(date.getTime()) ? null : date
}
