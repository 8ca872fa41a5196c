import type { ErrorLike } from '@apollo/client'
import type { ReactNode } from 'react'
import { Failure } from './failure.tsx'

type AnswerProps<Data> = {
  /** What `useQuery` gave. */
  readonly to: {
    readonly data: Data | undefined
    readonly previousData?: Data | undefined
    readonly error?: ErrorLike | undefined
    readonly loading: boolean
    refetch(): Promise<unknown>
  }
  /** What was asked for, in words: `the user groups`. */
  readonly what: string
  readonly children: (data: Data) => ReactNode
}

/** One query's answer in each of its states: on its way, failed, here, here in part, and here while the next page comes. */
export function Answer<Data>({ to, what, children }: AnswerProps<Data>) {
  const { error, loading } = to
  const data = to.data ?? (loading ? to.previousData : undefined)
  // What failed is shown by the next state of the query.
  const retry = () => void to.refetch().catch(() => {})
  if (data === undefined)
    return error ? <Failure error={error} what={what} retry={retry} /> : <Loading what={what} />
  return (
    <div className="answer" aria-busy={loading}>
      {error && <Failure error={error} what={`all of ${what}`} retry={retry} />}
      {children(data)}
    </div>
  )
}

function Loading({ what }: { readonly what: string }) {
  return (
    <div className="loading" role="status">
      <span className="unseen">Loading {what}…</span>
      {['one', 'two', 'three', 'four'].map((line) => (
        <span key={line} className="line" />
      ))}
    </div>
  )
}
