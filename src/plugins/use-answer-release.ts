import type { ExecutionResult } from 'graphql'
import { isAsyncIterable, type Plugin } from 'graphql-yoga'
import type { Context } from '../context.ts'
import { createRequestNote } from './request-note.ts'

/**
 * Takes the data of an answer apart once it is written. What waits for the upstream through two young garbage collections is old to V8, which
 * keeps it, and all that it leads to, until a full one: objects that a list was waited for lead to all that came in it.
 */
export function useAnswerRelease(): Plugin<Context> {
  const answers = createRequestNote<ExecutionResult>('answer')
  return {
    onExecute({ args }) {
      return {
        onExecuteDone({ result }) {
          if (!isAsyncIterable(result)) answers.set(args.contextValue.request, result)
        },
      }
    },
    onResponse({ request }) {
      takeApart(answers.of(request)?.data)
      answers.clear(request)
    },
  }
}

// What waits is near the root: where an answer is larger, the rest of it came in one go.
const mostObjects = 256

/** Cuts the first objects from one another, level by level. */
function takeApart(data: unknown): void {
  const found: object[] = isObject(data) ? [data] : []
  for (let index = 0; index < Math.min(found.length, mostObjects); index += 1) {
    const object = found[index]
    if (Array.isArray(object)) {
      for (const item of object) if (isObject(item)) found.push(item)
      object.length = 0
    } else
      for (const name in object) {
        const value: unknown = Reflect.get(object, name)
        if (!isObject(value)) continue
        found.push(value)
        Reflect.set(object, name, null)
      }
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
