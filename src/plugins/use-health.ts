import type { Plugin } from 'graphql-yoga'

/**
 * `/health`: the process is alive. `/ready`: balancers should send it work. That ends when it drains, at the latest; from then on every
 * other request gets a 503 too, and connections are not kept.
 */
export function useHealth({
  isReady,
  isDraining,
}: {
  readonly isReady: () => boolean
  readonly isDraining: () => boolean
}): Plugin {
  return {
    onRequest({ url, fetchAPI, endResponse }) {
      if (url.pathname === '/health') return endResponse(fetchAPI.Response.json({ status: 'alive' }))
      if (isDraining() || (url.pathname === '/ready' && !isReady())) {
        const headers = { connection: 'close', 'retry-after': '1' }
        return endResponse(fetchAPI.Response.json({ status: 'draining' }, { status: 503, headers }))
      }
      if (url.pathname === '/ready') endResponse(fetchAPI.Response.json({ status: 'ready' }))
    },
  }
}
