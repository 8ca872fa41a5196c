import type { ErrorLike } from '@apollo/client'
import { explain } from './failure.tsx'
import { type FragmentType, graphql, readFragment } from './gql/index.ts'

const ProblemFacts = graphql(`
  fragment ProblemFacts on UserError {
    code
    message
  }
`)

type ProblemsProps = {
  /** What the caller of a mutation can mend. */
  readonly userErrors: readonly FragmentType<typeof ProblemFacts>[]
  /** What the caller cannot. */
  readonly error: ErrorLike | undefined
}

/** Why a mutation did not do what it was asked. */
export function Problems({ userErrors, error }: ProblemsProps) {
  const problems = readFragment(ProblemFacts, userErrors)
  if (problems.length === 0 && error === undefined) return null
  return (
    <div className="failure" role="alert">
      {problems.map(({ code, message }) => (
        <p key={message}>
          {message} <code>{code}</code>
        </p>
      ))}
      {error && <p>{explain(error).reason}</p>}
    </div>
  )
}
