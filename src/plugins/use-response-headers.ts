import type { Plugin } from 'graphql-yoga'

const headers = Object.entries({
  // Answers hold what one credential may see.
  'cache-control': 'private, no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
})

/** Headers of every response; one that a response already has stays as it is. */
export function useResponseHeaders({ variesByOrigin }: { readonly variesByOrigin: boolean }): Plugin {
  return {
    onResponse({ response }) {
      if (variesByOrigin) response.headers.append('vary', 'Origin')
      for (const [name, value] of headers) {
        if (!response.headers.has(name)) response.headers.set(name, value)
      }
    },
  }
}
