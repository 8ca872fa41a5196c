import type { Sandbox } from '../../src/sandbox/server.ts'

/** From now on every second read of a user group's members takes 400 ms, so that a query that asks for them is still under way when something else is done. */
export function delayMembers(sandbox: Pick<Sandbox, 'setFaults'>): void {
  const path = '*/iam/user_groups/*/members?*'
  sandbox.setFaults([{ path, respond: [200, { delayMs: 400, passThrough: true }], repeat: true }])
}
