import { onTestFinished } from 'vitest'
import { listen } from '../../src/listen.ts'
import { type Gateway, type GatewayOptions, startGateway } from './gateway.ts'

/** A gateway that listens on a port of its own until the running test ends. */
export async function serveGateway(
  options?: GatewayOptions,
): Promise<{ readonly gateway: Gateway; readonly url: string }> {
  const gateway = await startGateway(options)
  const server = await listen(gateway.listener, { host: '127.0.0.1', port: 0 })
  onTestFinished(() => server.drain(0))
  return { gateway, url: `http://127.0.0.1:${server.port}/graphql` }
}
