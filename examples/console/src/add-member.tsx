import { useQuery } from '@apollo/client/react'
import { useId, useState } from 'react'
import { Answer } from './answer.tsx'
import { focus } from './focus.ts'
import { graphql } from './gql/index.ts'

const People = graphql(`
  query People($account: ID!) {
    account(id: $account) {
      id
      members(first: 500) {
        nodes {
          id
          email
        }
      }
    }
  }
`)

type AddMemberProps = {
  readonly account: string
  readonly isWriting: boolean
  /** Takes a member in, by global id; true where that was done. */
  readonly take: (member: string) => Promise<boolean>
}

/** Lets one choose whom to take in; who there is to choose from is read when it is opened. */
export function AddMember(props: AddMemberProps) {
  const [isOpen, setOpen] = useState(false)
  if (isOpen) return <Chooser {...props} close={() => setOpen(false)} />
  return (
    <p className="add">
      <button type="button" onClick={() => setOpen(true)}>
        Add a member
      </button>
    </p>
  )
}

function Chooser({ account, isWriting, take, close }: AddMemberProps & { readonly close: () => void }) {
  const answer = useQuery(People, { variables: { account } })
  const [complaint, setComplaint] = useState('')
  const listId = useId()
  const complaintId = useId()
  const submit = async (form: HTMLFormElement, people: readonly Person[]) => {
    const email = String(new FormData(form).get('email')).trim().toLowerCase()
    const member = people.find((person) => person.email?.toLowerCase() === email)
    setComplaint(member === undefined ? 'Nobody in this account has that address.' : '')
    if (member !== undefined && (await take(member.id))) form.reset()
  }
  return (
    <Answer to={answer} what="the people of the account">
      {({ account: found }) => {
        const people = found?.members?.nodes ?? []
        return (
          <form
            className="add"
            onSubmit={(event) => {
              event.preventDefault()
              void submit(event.currentTarget, people)
            }}
          >
            <label>
              <span className="faint">E-mail address of a member of the account</span>
              <input
                name="email"
                type="email"
                required
                autoComplete="off"
                list={listId}
                aria-describedby={complaintId}
                ref={focus}
              />
            </label>
            <datalist id={listId}>
              {people.map(({ id, email }) => email && <option key={id} value={email} />)}
            </datalist>
            <button type="submit" disabled={isWriting}>
              Add
            </button>
            <button type="button" onClick={close}>
              Close
            </button>
            <p id={complaintId} role="alert">
              {complaint}
            </p>
          </form>
        )
      }}
    </Answer>
  )
}

type Person = { readonly id: string; readonly email: string | null }
