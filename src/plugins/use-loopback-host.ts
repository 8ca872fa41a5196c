import { GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { isLoopback } from '../config/is-loopback.ts'
import { refusalResponse } from './refusal-response.ts'

/**
 * Takes requests that name this machine alone. A page of another site can have its own name resolve to a loopback address (DNS rebinding),
 * and is the same origin then; the name that it was opened under is what gives it away.
 */
export function useLoopbackHost(): Plugin {
  return {
    onRequest({ request, fetchAPI, endResponse }) {
      const host = request.headers.get('host')
      // Every browser sends one; `node:http` refuses HTTP/1.1 without.
      if (host === null || isLoopback(hostnameOf(host))) return
      const http = { status: 421 }
      const message = 'This gateway answers under the names of its own machine alone, such as localhost'
      endResponse(
        refusalResponse(new GraphQLError(message, { extensions: { code: 'FORBIDDEN', http } }), fetchAPI),
      )
    },
  }
}

function hostnameOf(host: string): string {
  return host
    .toLowerCase()
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
}
