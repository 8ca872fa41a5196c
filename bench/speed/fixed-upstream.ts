import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type SandboxOptions, startSandbox } from '../../src/sandbox/server.ts'

/** A REST API that answers at once, and always the same. */
export type FixedUpstream = {
  readonly url: string
  readonly accountTag: string
  /** From now on every answer waits so long, in milliseconds. */
  delay(delayMs: number): void
  close(): Promise<void>
}

export type FixedUpstreamOptions = {
  readonly seed?: SandboxOptions['seed']
  /** Told of every call: method, path with its query, and the body. */
  readonly observe?: (call: string, body: string) => void
}

type FixedAnswer = { readonly status: number; readonly body: Buffer }

// A load of equal callers is many times what one credential may do in its five minutes; an upstream that states a larger
// budget is believed, so that nothing in the gateway has to be switched off.
const budget = {
  ratelimit: '"default";r=1000000000;t=300',
  'ratelimit-policy': '"default";q=1000000000;w=300',
}

/** Replays what the sandbox answered to the first call of each method and path: contract shapes, from buffers. */
export async function startFixedUpstream({
  seed,
  observe,
}: FixedUpstreamOptions = {}): Promise<FixedUpstream> {
  const sandbox = await startSandbox({ seed, rateLimit: { calls: 1_000_000_000, windowSeconds: 300 } })
  const { pathname: prefix, origin } = new URL(sandbox.url)
  const answers = new Map<string, Promise<FixedAnswer>>()
  let delayMs = 0

  async function askSandbox({ method = '', url = '' }: IncomingMessage, body: string): Promise<FixedAnswer> {
    const response = await fetch(origin + url, {
      method,
      headers: { authorization: 'Bearer bench', 'content-type': 'application/json' },
      ...(body === '' ? {} : { body }),
    })
    return { status: response.status, body: Buffer.from(await response.arrayBuffer()) }
  }

  async function answer(request: IncomingMessage, response: ServerResponse, body: string): Promise<void> {
    const call = `${request.method} ${request.url?.slice(prefix.length)}`
    observe?.(call, body)
    let fixed = answers.get(call)
    if (fixed === undefined) {
      fixed = askSandbox(request, body)
      answers.set(call, fixed)
    }
    const { status, body: fixedBody } = await fixed
    const send = () => {
      response.writeHead(status, {
        'content-type': 'application/json',
        'content-length': fixedBody.length,
        ...budget,
      })
      response.end(fixedBody)
    }
    if (delayMs === 0) send()
    else setTimeout(send, delayMs)
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      answer(request, response, Buffer.concat(chunks).toString()).catch((error) => response.destroy(error))
    })
  })
  server.keepAliveTimeout = 65_000
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}${prefix}`,
    accountTag: sandbox.accountTag,
    delay(ms) {
      delayMs = ms
    },
    async close() {
      server.close()
      server.closeAllConnections()
      await sandbox.close()
    },
  }
}
