import { NoSchemaIntrospectionCustomRule } from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'

/** Refuses introspection, and takes the names that error messages suggest out of them: they would tell the schema bit by bit. */
export function useHiddenSchema(): Plugin {
  return {
    onValidate({ addValidationRule }) {
      addValidationRule(NoSchemaIntrospectionCustomRule)
    },
    onResultProcess({ result }) {
      if (isAsyncIterable(result) || Array.isArray(result)) return
      for (const error of result.errors ?? [])
        error.message = error.message.replace(/ ?Did you mean .+\?/s, '')
    },
  }
}
