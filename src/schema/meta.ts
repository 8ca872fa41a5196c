import type { MetaRecord } from '../cloudflare/permission-groups.ts'
import { builder } from './builder.ts'

type Entry = { readonly key: string; readonly value: string | null }

export const MetaEntry = builder.objectRef<Entry>('MetaEntry').implement({
  description: 'A key and value that the upstream attaches to a permission group or a resource group.',
  fields: (t) => ({
    key: t.exposeString('key', { nullable: false, description: 'Such as `label` or `editable`.' }),
    value: t.exposeString('value', {
      description: 'A text; what the upstream gives as anything else is here as JSON.',
    }),
  }),
})

/** The entries of `meta`, which is a free-form map (quirk 20); what is no text is written as JSON. */
export function metaEntries(meta: MetaRecord | null | undefined): readonly Entry[] {
  return Object.entries(meta ?? {}).map(([key, value]) => ({ key, value: textOf(value) }))
}

/** One value of `meta` as text; null where there is none. */
export function metaValue(meta: MetaRecord | null | undefined, key: string): string | null {
  return textOf(meta?.[key])
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null
  return typeof value === 'string' ? value : JSON.stringify(value)
}
