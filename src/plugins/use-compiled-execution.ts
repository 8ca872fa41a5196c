import type { DocumentNode, ExecutionArgs, GraphQLSchema } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { createBoundedCache } from './bounded-cache.ts'
import { type CompiledOperation, compileOperation } from './compile-operation.ts'

// Compiled code is some fifty times as large as its document, and compiling takes some milliseconds for each thousand characters.
const bounds = { maxEntries: 250, maxSize: 256 * 1024 }
const longestDocument = 8 * 1024

/**
 * Runs a query that came before as compiled code; one that comes for the first time is not worth compiling. What cannot be compiled, or
 * has variables that are refused, is executed in the usual way.
 */
export function useCompiledExecution({ schema }: { readonly schema: GraphQLSchema }): Plugin {
  const compiledFor = createCompiler(schema)
  return {
    onExecute({ args, executeFn, setExecuteFn }) {
      const compiled = args.schema === schema ? compiledFor(args.document) : undefined
      if (compiled === undefined) return
      setExecuteFn((given: ExecutionArgs) => {
        const result = compiled(given)
        if (!(result instanceof Promise)) return result ?? executeFn(given)
        return result.then((settled) => settled ?? executeFn(given))
      })
    },
  }
}

function createCompiler(schema: GraphQLSchema): (document: DocumentNode) => CompiledOperation | undefined {
  const seen = new WeakSet<DocumentNode>()
  const kept = createBoundedCache<CompiledOperation | 'not compiled', DocumentNode>({
    ...bounds,
    sizeOf: lengthOf,
  })
  return (document) => {
    const known = kept.get(document)
    if (known !== undefined) return known === 'not compiled' ? undefined : known
    if (!seen.has(document) || lengthOf(document) > longestDocument) {
      seen.add(document)
      return undefined
    }
    const compiled = compileOperation(schema, document)
    kept.set(document, compiled ?? 'not compiled')
    return compiled
  }
}

function lengthOf(document: DocumentNode): number {
  return document.loc?.end ?? 0
}
