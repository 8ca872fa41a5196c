import { useMutation } from '@apollo/client/react'
import { useState } from 'react'
import { focus } from './focus.ts'
import { type FragmentType, graphql, readFragment } from './gql/index.ts'
import { Problems } from './problems.tsx'

const GroupNameFacts = graphql(`
  fragment GroupNameFacts on UserGroup {
    id
    name
    modifiedOn
  }
`)

// The answer has the group's id and its new name, so that every place that shows it changes by itself.
const RenameUserGroup = graphql(`
  mutation RenameUserGroup($id: ID!, $name: String!, $seen: DateTime!) {
    updateUserGroup(input: { id: $id, name: $name, ifModifiedOn: $seen }) {
      userGroup {
        ...GroupNameFacts
      }
      userErrors {
        ...ProblemFacts
      }
    }
  }
`)

/** The name of a user group, which can be changed where it stands. */
export function GroupName({ group }: { readonly group: FragmentType<typeof GroupNameFacts> }) {
  const { id, name, modifiedOn } = readFragment(GroupNameFacts, group)
  const [isEditing, setEditing] = useState(false)
  // The form is gone then: who was in it goes on where it was opened.
  const [wasEditing, setWasEditing] = useState(false)
  const [rename, { data, error, loading, reset }] = useMutation(RenameUserGroup, { errorPolicy: 'all' })
  const close = () => {
    setEditing(false)
    setWasEditing(true)
    reset()
  }
  const save = async (form: FormData) => {
    const wanted = String(form.get('name')).trim()
    // Refused where somebody else has changed the group since it was read.
    const result = await rename({ variables: { id, name: wanted, seen: modifiedOn } })
    if (result.error === undefined && result.data?.updateUserGroup.userErrors.length === 0) close()
  }
  if (!isEditing)
    return (
      <div className="heading">
        <h2>{name}</h2>
        <button type="button" onClick={() => setEditing(true)} ref={wasEditing ? focus : null}>
          Rename
        </button>
      </div>
    )
  return (
    <form
      className="heading"
      onSubmit={(event) => {
        event.preventDefault()
        void save(new FormData(event.currentTarget))
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') close()
      }}
    >
      <label>
        <span className="unseen">Name of the group</span>
        <input name="name" defaultValue={name} required ref={focusAndSelect} />
      </label>
      <button type="submit" disabled={loading}>
        {loading ? 'Saving…' : 'Save'}
      </button>
      <button type="button" onClick={close}>
        Cancel
      </button>
      <Problems userErrors={data?.updateUserGroup.userErrors ?? []} error={error} />
    </form>
  )
}

function focusAndSelect(input: HTMLInputElement | null): void {
  input?.focus()
  input?.select()
}
