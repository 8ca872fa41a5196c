import type { Dispatcher } from 'undici'

/** By lower-case name; a header that came several times may be a list. */
export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>

/** What became of one HTTP request. The answer is whole where `failure` is undefined. */
export type Exchange = {
  /** False where surely nothing of the request left: no connection was made for it. */
  readonly sent: boolean
  /** Of an answer whose headers arrived, even where its body did not. */
  readonly status: number | undefined
  readonly headers: ResponseHeaders
  readonly body: Buffer
  readonly failure: { readonly reason: 'timeout' | 'aborted' | 'lost'; readonly error: Error } | undefined
}

/**
 * Sends one request and collects its answer; every way to fail is part of the result. `timeoutMs` bounds the whole of
 * it, from connecting to the last byte: undici's own header and body timers start later, restart with every chunk and
 * are up to a second late.
 */
export function exchange(
  dispatch: Dispatcher['dispatch'],
  request: Dispatcher.DispatchOptions,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal | undefined },
): Promise<Exchange> {
  return new Promise((resolve) => {
    let controller: Dispatcher.DispatchController | undefined
    let givenUp: Error | undefined
    let status: number | undefined
    let headers: ResponseHeaders = {}
    const chunks: Buffer[] = []

    const end = (failure: Exchange['failure']) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      resolve({ sent: controller !== undefined, status, headers, body: whole(chunks), failure })
    }
    const giveUp = (reason: 'timeout' | 'aborted', error: Error) => {
      givenUp = error
      end({ reason, error })
      controller?.abort(error)
    }
    const abort = () => giveUp('aborted', new Error('the caller left'))
    const timer = setTimeout(
      () => giveUp('timeout', new Error(`no whole answer within ${timeoutMs} ms`)),
      timeoutMs,
    )
    signal?.addEventListener('abort', abort, { once: true })
    if (signal?.aborted) return abort()

    dispatch(request, {
      onRequestStart(started) {
        // A connection that comes about after we gave up must not carry the request.
        if (givenUp !== undefined) return started.abort(givenUp)
        controller = started
      },
      onResponseStart(_controller, statusCode, responseHeaders) {
        if (statusCode < 200) return
        status = statusCode
        headers = responseHeaders
      },
      onResponseData(_controller, chunk) {
        chunks.push(chunk)
      },
      onResponseEnd() {
        end(undefined)
      },
      onResponseError(_controller, error) {
        end({ reason: 'lost', error })
      },
    })
  })
}

function whole(chunks: readonly Buffer[]): Buffer {
  const [first] = chunks
  return first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks)
}
