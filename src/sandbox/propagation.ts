import type { UserGroup } from './records.ts'

/** How many calls still meet the old state after a write (quirk 35: some, for a moment). */
const staleCalls = 2

/** The delays of an eventually consistent upstream, counted in calls so that they are the same in every run. */
export type Propagation = {
  noteCreated(groupId: string): void
  noteDeleted(group: UserGroup): void
  /** True while the members path of a new user group still answers as if the group were not there. */
  hidesMembersOf(groupId: string): boolean
  /** A deleted user group that is still found. */
  ghostOf(groupId: string): UserGroup | undefined
}

export function createPropagation(): Propagation {
  const hiddenCalls = new Map<string, number>()
  const ghosts = new Map<string, { readonly group: UserGroup; readonly callsLeft: number }>()

  return {
    noteCreated: (groupId) => void hiddenCalls.set(groupId, staleCalls),
    noteDeleted: (group) => void ghosts.set(group.id, { group, callsLeft: staleCalls }),
    hidesMembersOf(groupId) {
      const callsLeft = hiddenCalls.get(groupId) ?? 0
      if (callsLeft <= 1) hiddenCalls.delete(groupId)
      else hiddenCalls.set(groupId, callsLeft - 1)
      return callsLeft > 0
    },
    ghostOf(groupId) {
      const ghost = ghosts.get(groupId)
      if (ghost === undefined) return undefined
      if (ghost.callsLeft <= 1) ghosts.delete(groupId)
      else ghosts.set(groupId, { ...ghost, callsLeft: ghost.callsLeft - 1 })
      return ghost.group
    },
  }
}
