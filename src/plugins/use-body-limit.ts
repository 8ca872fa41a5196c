import { GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'

/**
 * Refuses a body of more than `maxBytes`. One that tells its length is judged by that, and read as it comes: Node takes no byte beyond it.
 * Yoga's own limit, which this stands in for, leads every body through a chain of streams.
 */
export function useBodyLimit(maxBytes: number): Plugin {
  return {
    onRequestParse({ request, requestParser, setRequestParser, fetchAPI }) {
      const length = request.headers.get('content-length')
      if (length !== null) {
        if (!/^\d+$/.test(length)) throw refusal('Content-Length header is invalid.', 'BAD_REQUEST', 400)
        if (Number(length) > maxBytes) throw tooLarge()
        return
      }
      if (requestParser === undefined || request.body === null) return
      setRequestParser(async (asked) => {
        const body = await readUpTo(maxBytes, asked)
        const { method, headers } = asked
        return requestParser(new fetchAPI.Request(asked.url, { method, headers, body }))
      })
    },
  }
}

async function readUpTo(maxBytes: number, { body }: Request): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  // Not `for await`, which would end the connection with the stream, and the refusal with it.
  const reader = body?.getReader()
  for (let read = await reader?.read(); read?.value !== undefined; read = await reader?.read()) {
    length += read.value.byteLength
    if (length > maxBytes) throw tooLarge()
    chunks.push(read.value)
  }
  return Buffer.concat(chunks).toString()
}

function tooLarge(): GraphQLError {
  return refusal('Request body too large', 'REQUEST_ENTITY_TOO_LARGE', 413)
}

function refusal(message: string, code: string, status: number): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { status } } })
}
