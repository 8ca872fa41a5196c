// V8 compiles for some thousands of requests of a kind, a tenth of the time and more. Slow contenders get there later, and
// wait for no more than this.
const enough = { requests: 4_000, times: 10 }
const durationMs = 2_000

/**
 * Has a contender asked until V8 is done with it, and what is measured next is no start. `ask` sends requests for as
 * many milliseconds and answers how many it sent, or undefined where the contender cannot answer them.
 */
export async function warmUp(ask: (durationMs: number) => Promise<number | undefined>): Promise<void> {
  let sent = 0
  for (let times = 0; sent < enough.requests && times < enough.times; times += 1) {
    const more = await ask(durationMs)
    if (more === undefined) return
    sent += more
  }
}
