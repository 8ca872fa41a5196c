import type { Staff } from '../../../examples/federation/directory.ts'
import { departmentOf, type MemberReference, referencesTo } from './departments.ts'

type Fault = { readonly path: string; readonly respond: number[] }

/** Thirty members, of whom 27 are on the first page of their account's list and three cannot be had. */
export type ThreeOfThirty = {
  readonly staff: Staff
  /** The same as a router refers to them, in the order of the directory. */
  readonly references: readonly MemberReference[]
  /** Where those three are among them. */
  readonly places: Readonly<Record<'unknown' | 'failing' | 'forbidden', number>>
  /** What makes one fail, and one forbidden; each once. */
  readonly faults: readonly Fault[]
  /** What is asked of the REST API for all thirty, in alphabetical order. */
  readonly calls: readonly string[]
}

/** Two departments of the invented company, in two accounts. */
export function threeOfThirty(): ThreeOfThirty {
  const [known, failing] = [
    departmentOf('Platform Engineering'),
    departmentOf('Terminal Operations').people.at(-1),
  ]
  const research = departmentOf('Research')
  const [forbidden] = research.people
  if (failing === undefined || forbidden === undefined) throw new Error('the directory has too few people')
  const unknown = { tag: 'f'.repeat(32), name: 'Nobody' }
  const departments = [
    { ...known, people: [...known.people.slice(0, 5), unknown, ...known.people.slice(5, 27), failing] },
    { ...research, people: [forbidden] },
  ]
  return {
    staff: { accounts: {}, departments },
    references: departments.flatMap(referencesTo),
    places: { unknown: 5, failing: 28, forbidden: 29 },
    faults: [
      { path: `*/members/${failing.tag}`, respond: [500] },
      { path: `*/accounts/${research.account}/*`, respond: [403] },
    ],
    calls: [
      `GET /accounts/${research.account}/members/${forbidden.tag}`,
      `GET A/members/${failing.tag}`,
      `GET A/members/${unknown.tag}`,
      'GET A/members?order=user.email&page=1&per_page=50',
    ],
  }
}
