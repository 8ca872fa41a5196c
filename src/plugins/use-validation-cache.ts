import type { DocumentNode } from 'graphql'
import type { Plugin } from 'graphql-yoga'

/**
 * Validates each parsed document once. Yoga's own cache, which this stands in for, puts the names of all rules together for every request,
 * since it cannot know that they are always the same.
 */
export function useValidationCache(): Plugin {
  const known = new WeakMap<DocumentNode, readonly Error[]>()
  return {
    onValidate({ params: { documentAST }, setResult }) {
      const errors = known.get(documentAST)
      if (errors !== undefined) {
        setResult([...errors])
        return
      }
      return ({ result }) => void known.set(documentAST, result)
    },
  }
}
