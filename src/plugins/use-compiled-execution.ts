import type { DocumentNode, ExecutionArgs, GraphQLSchema } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { createBoundedCache } from './bounded-cache.ts'
import type { CompiledOperation } from './compile-operation.ts'

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
      const known = args.schema === schema ? compiledFor(args.document) : 'not compiled'
      if (known === 'not compiled') return
      const run = (compiled: Known, given: ExecutionArgs) => {
        if (compiled === 'not compiled') return executeFn(given)
        const result = compiled(given)
        if (!(result instanceof Promise)) return result ?? executeFn(given)
        return result.then((settled) => settled ?? executeFn(given))
      }
      setExecuteFn((given: ExecutionArgs) =>
        known instanceof Promise ? known.then((compiled) => run(compiled, given)) : run(known, given),
      )
    },
  }
}

type Known = CompiledOperation | 'not compiled'

function createCompiler(schema: GraphQLSchema): (document: DocumentNode) => Known | Promise<Known> {
  const seen = new WeakSet<DocumentNode>()
  const kept = createBoundedCache<Known | Promise<Known>, DocumentNode>({ ...bounds, sizeOf: lengthOf })

  async function compile(document: DocumentNode): Promise<Known> {
    // Loaded here and nowhere else: what was never asked twice needs no compiler.
    const { compileOperation } = await import('./compile-operation.ts')
    const compiled = compileOperation(schema, document) ?? 'not compiled'
    kept.set(document, compiled)
    return compiled
  }

  return (document) => {
    const known = kept.get(document)
    if (known !== undefined) return known
    if (!seen.has(document) || lengthOf(document) > longestDocument) {
      seen.add(document)
      return 'not compiled'
    }
    const compiling = compile(document)
    // A failure is for those who run it; an operation may be refused before.
    compiling.catch(() => {})
    kept.set(document, compiling)
    return compiling
  }
}

function lengthOf(document: DocumentNode): number {
  return document.loc?.end ?? 0
}
