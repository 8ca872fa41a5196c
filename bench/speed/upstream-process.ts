import { startFixedUpstream } from './fixed-upstream.ts'

/** What the parent may ask for: another delay, or how many calls came since it asked last. */
export type UpstreamOrder = { readonly delayMs: number } | { readonly takeCalls: true }

const [userGroups = 60, members = 300] = process.argv.slice(2).map(Number)
let calls = 0
const upstream = await startFixedUpstream({
  seed: { userGroups, members },
  observe: () => {
    calls += 1
  },
})
process.on('message', (order: UpstreamOrder) => {
  if ('delayMs' in order) upstream.delay(order.delayMs)
  process.send?.({ calls })
  calls = 0
})
process.send?.({ url: upstream.url, accountTag: upstream.accountTag })
