import { GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'

/**
 * Takes an operation as JSON in a POST, or in the query string of a GET, and in no other way. A browser sends forms to
 * any site without asking it first, so a form must never be an operation.
 */
export function useRequestFormat(): Plugin {
  return {
    onRequestParse({ request, requestParser, setRequestParser }) {
      const { method } = request
      if (method !== 'GET' && method !== 'POST') {
        throw refusal('Operations come as GET or POST', { status: 405, headers: { Allow: 'GET, POST' } })
      }
      if (method === 'POST' && !(requestParser && isJson(request.headers.get('content-type')))) {
        throw refusal('The body of a POST must be application/json', { status: 415 })
      }
      if (method === 'POST' || requestParser === undefined) return
      setRequestParser((get) => {
        try {
          return requestParser(get)
        } catch (error) {
          if (!(error instanceof SyntaxError)) throw error
          throw refusal('The parameters `variables` and `extensions` must be JSON', { status: 400 })
        }
      })
    },
  }
}

function isJson(contentType: string | null): boolean {
  return contentType?.split(';')[0] === 'application/json'
}

function refusal(message: string, http: Readonly<Record<string, unknown>>): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http } })
}
