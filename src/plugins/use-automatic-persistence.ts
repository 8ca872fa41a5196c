import { createHash } from 'node:crypto'
import { GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { createBoundedCache } from './bounded-cache.ts'

/** Documents by the hash that a client sends in their place. */
export type DocumentStore = {
  get(hash: string): string | undefined
}

// Documents, and characters of them all.
const bounds = { maxEntries: 1_000, maxSize: 4 * 1024 * 1024 }

/**
 * Automatic persisted queries as Apollo's clients speak them: a document that comes with its SHA-256 is kept, so that the hash alone is
 * enough the next time. What was longest unused is let go; the client is told, and sends it again. A document that is not what its hash
 * says is refused, so that nobody can put another's words into a client's mouth.
 */
export function createAutomaticPersistence(): { readonly store: DocumentStore; readonly plugin: Plugin } {
  const store = createBoundedCache<string>({
    ...bounds,
    sizeOf: (hash, document) => hash.length + document.length,
  })
  const plugin: Plugin = {
    onParams({ params }) {
      const hash = hashOf(params.extensions)
      if (hash === undefined || typeof params.query !== 'string') return
      if (createHash('sha256').update(params.query).digest('hex') !== hash.toLowerCase()) throw mismatch()
      store.set(hash, params.query)
    },
  }
  return { store, plugin }
}

function hashOf(extensions: unknown): string | undefined {
  const { persistedQuery } = fieldsOf(extensions)
  const { version, sha256Hash } = fieldsOf(persistedQuery)
  return version === 1 && typeof sha256Hash === 'string' ? sha256Hash : undefined
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function mismatch(): GraphQLError {
  const http = { status: 400 }
  return new GraphQLError('extensions.persistedQuery.sha256Hash is not the SHA-256 of the query', {
    extensions: { code: 'BAD_REQUEST', http },
  })
}
