import { usePersistedOperations } from '@graphql-yoga/plugin-persisted-operations'
import type { Plugin } from 'graphql-yoga'
import { createAutomaticPersistence, type DocumentStore } from './use-automatic-persistence.ts'

// Apollo's clients read this and send the document too: to whoever is in between it is no failure.
const notFound = {
  message: 'PersistedQueryNotFound',
  extensions: { code: 'PERSISTED_QUERY_NOT_FOUND', http: { status: 200 } },
}
const notInManifest = {
  message: 'The manifest of this gateway has no operation of this hash, and it takes no others',
  extensions: { code: 'PERSISTED_QUERY_NOT_IN_LIST', http: { status: 400 } },
}
const noHash = {
  message:
    'This gateway takes operations of its manifest: send extensions.persistedQuery.sha256Hash, and no document',
  extensions: { code: 'PERSISTED_QUERY_ID_REQUIRED', http: { status: 400 } },
}
const noOperation = {
  message: 'Neither query nor extensions.persistedQuery.sha256Hash says what is asked',
  extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
}

/**
 * Takes operations by hash: those of a manifest, and otherwise those that a client has sent before. With `only`, those of the manifest
 * are taken and no others.
 */
export function persistedOperationPlugins({
  manifest,
  only,
}: {
  readonly manifest: DocumentStore
  readonly only: boolean
}): readonly Plugin[] {
  if (only) {
    return [
      usePersistedOperations({
        getPersistedOperation: (hash) => manifest.get(hash) ?? null,
        customErrors: { notFound: notInManifest, keyNotFound: noHash, persistedQueryOnly: noHash },
      }),
    ]
  }
  const { store, plugin } = createAutomaticPersistence()
  return [
    plugin,
    usePersistedOperations({
      allowArbitraryOperations: true,
      getPersistedOperation: (hash) => manifest.get(hash) ?? store.get(hash) ?? null,
      customErrors: { notFound, keyNotFound: noOperation },
    }),
  ]
}
