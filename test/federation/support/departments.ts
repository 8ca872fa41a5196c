import type { Staff } from '../../../examples/federation/directory.ts'
import staff from '../../../examples/federation/staff.json' with { type: 'json' }

type Department = Staff['departments'][number]

/** A member as a router refers to one. */
export type MemberReference = {
  readonly __typename: 'Member'
  readonly account: { readonly tag: string }
  readonly tag: string
}

/** A department of the invented company. @throws Error where it has none of that name. */
export function departmentOf(name: string): Department {
  const department = staff.departments.find((one) => one.name === name)
  if (department === undefined) throw new Error(`the directory has no department ${name}`)
  return department
}

/** Its people, in the order of the directory. */
export function referencesTo({ account, people }: Department): readonly MemberReference[] {
  return people.map(({ tag }) => ({ __typename: 'Member', account: { tag: account }, tag }))
}
