import type { Plugin } from 'graphql-yoga'

/**
 * `/health`: the process is alive. `/ready`: it takes work, which ends when it drains; from then on every other request
 * gets a 503 too, and connections are not kept.
 */
export function useHealth({ isDraining }: { readonly isDraining: () => boolean }): Plugin {
  return {
    onRequest({ url, fetchAPI, endResponse }) {
      const draining = isDraining()
      if (url.pathname === '/health') return endResponse(fetchAPI.Response.json({ status: 'alive' }))
      if (draining) {
        const headers = { connection: 'close', 'retry-after': '1' }
        return endResponse(fetchAPI.Response.json({ status: 'draining' }, { status: 503, headers }))
      }
      if (url.pathname === '/ready') endResponse(fetchAPI.Response.json({ status: 'ready' }))
    },
  }
}
