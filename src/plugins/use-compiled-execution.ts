import type { DocumentNode, ExecutionArgs, ExecutionResult, GraphQLSchema } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Context } from '../context.ts'
import { createBoundedCache } from './bounded-cache.ts'
import type { CompiledOperation, Unanswered } from './compile-operation.ts'

// Compiled code is some fifty times as large as its document, and compiling takes some milliseconds for each thousand characters.
const bounds = { maxEntries: 250, maxSize: 256 * 1024 }
const longestDocument = 8 * 1024

/**
 * Runs a query that came before as compiled code; one that comes for the first time is not worth compiling. What cannot be compiled, has
 * variables that are refused, or leaves that are not at hand, is executed in the usual way.
 */
export function useCompiledExecution({ schema }: { readonly schema: GraphQLSchema }): Plugin<Context> {
  const compiler = createCompiler(schema)
  return {
    onExecute({ args, executeFn, setExecuteFn }) {
      const known = args.schema === schema ? compiler.compiledFor(args.document) : 'not compiled'
      if (known === 'not compiled') return
      const { incomplete } = args.contextValue
      const answerOf = (result: ExecutionResult | Unanswered, given: ExecutionArgs) => {
        if (result === 'refused') return executeFn(given)
        if (result !== 'not at hand') return result
        // What it has read is remembered, so that it is not fetched again. Its like would have to be executed twice each time.
        incomplete.length = 0
        compiler.giveUp(args.document)
        return executeFn(given)
      }
      const run = (compiled: Known, given: ExecutionArgs) => {
        if (compiled === 'not compiled') return executeFn(given)
        const result = compiled(given)
        return result instanceof Promise
          ? result.then((settled) => answerOf(settled, given))
          : answerOf(result, given)
      }
      setExecuteFn((given: ExecutionArgs) =>
        known instanceof Promise ? known.then((compiled) => run(compiled, given)) : run(known, given),
      )
    },
  }
}

type Known = CompiledOperation | 'not compiled'

type Compiler = {
  /** A document's compiled operation, or what tells that it has none. */
  readonly compiledFor: (document: DocumentNode) => Known | Promise<Known>
  /** Has a document executed in the usual way from now on. */
  readonly giveUp: (document: DocumentNode) => void
}

function createCompiler(schema: GraphQLSchema): Compiler {
  const seen = new WeakSet<DocumentNode>()
  const kept = createBoundedCache<Known | Promise<Known>, DocumentNode>({ ...bounds, sizeOf: lengthOf })

  async function compile(document: DocumentNode): Promise<Known> {
    // Loaded here and nowhere else: what was never asked twice needs no compiler.
    const { compileOperation } = await import('./compile-operation.ts')
    const compiled = compileOperation(schema, document) ?? 'not compiled'
    kept.set(document, compiled)
    return compiled
  }

  function compiledFor(document: DocumentNode): Known | Promise<Known> {
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

  return { compiledFor, giveUp: (document) => kept.set(document, 'not compiled') }
}

function lengthOf(document: DocumentNode): number {
  return document.loc?.end ?? 0
}
