import { GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { refusalResponse } from './refusal-response.ts'

/** Refuses a request at once where more than `maxInFlight` are worked on: what waits would take memory from what runs. */
export function useLoadLimit({
  inFlight,
  maxInFlight,
}: {
  /** Requests that are not answered yet, this one included. */
  readonly inFlight: () => number
  readonly maxInFlight: number
}): Plugin {
  return {
    onRequest({ fetchAPI, endResponse }) {
      if (inFlight() <= maxInFlight) return
      const http = { status: 503, headers: { 'Retry-After': '1' } }
      const extensions = { code: 'SERVICE_UNAVAILABLE', http }
      const message = `This gateway works on ${maxInFlight} requests already`
      endResponse(refusalResponse(new GraphQLError(message, { extensions }), fetchAPI))
    },
  }
}
