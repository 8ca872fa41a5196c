import type { Plugin } from 'graphql-yoga'
import { isAsyncIterable } from 'graphql-yoga'
import type { Context } from '../context.ts'

/** Reports in `extensions.incomplete` what an answer lacks where a query allowed it to lack something. */
export function useIncomplete(): Plugin<Context> {
  return {
    onExecute({ args }) {
      return {
        onExecuteDone({ result, setResult }) {
          const { incomplete } = args.contextValue
          if (incomplete.length === 0 || isAsyncIterable(result)) return
          setResult({ ...result, extensions: { ...result.extensions, incomplete } })
        },
      }
    },
  }
}
