import { setImmediate } from 'node:timers/promises'

let turn: Promise<void> | undefined

/** Waits until everything else of this turn of the event loop has run; whoever waits in one turn goes on together. */
export function endOfTurn(): Promise<void> {
  turn ??= setImmediate().then(() => {
    turn = undefined
  })
  return turn
}
