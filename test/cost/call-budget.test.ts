import { expect, test } from 'vitest'
import { type CallBudget, createCallBudget } from '../../src/cost/call-budget.ts'
import { CostLimitExceeded } from '../../src/cost/cost-limit-exceeded.ts'

function admitMany(budget: CallBudget, calls: number): void {
  for (let call = 0; call < calls; call += 1) budget.admit()
}

/** Set aside calls as a credential does, out of `left`. */
function reservationOf(left: number) {
  const log: string[] = []
  return {
    log,
    extend(calls: number) {
      log.push(`extend ${calls}`)
      if (calls > left) throw new Error('does not fit')
    },
    release: () => log.push('release'),
  }
}

test('calls are admitted up to the limit and not beyond', () => {
  const budget = createCallBudget(3)
  budget.open(3)
  admitMany(budget, 3)
  expect(() => budget.admit()).toThrow(CostLimitExceeded)
  expect(() => budget.admit()).toThrow('takes 4 REST calls, and an operation may make 3')
  expect(budget.made()).toBe(3)
})

test('a limit of 0 admits nothing', () => {
  const budget = createCallBudget(0)
  expect(() => budget.admit()).toThrow(CostLimitExceeded)
  expect(budget.made()).toBe(0)
})

test('calls that nobody priced, such as retries, raise the estimate', () => {
  const budget = createCallBudget(10)
  budget.open(2)
  admitMany(budget, 3)
  expect([budget.estimated(), budget.made()]).toEqual([3, 3])
})

test('a fan-out adds to the estimate', () => {
  const budget = createCallBudget(50)
  budget.open(2)
  budget.extend(40, 'members.grants')
  expect([budget.estimated(), budget.made(), budget.limit]).toEqual([42, 0, 50])
})

test('a fan-out up to the limit fits; one call more is refused with the exact price and its place', () => {
  const budget = createCallBudget(50)
  budget.open(2)
  budget.extend(48, 'members.grants')
  const extend = () => budget.extend(1, 'permissionGroups.userGroups')
  expect(extend).toThrow(CostLimitExceeded)
  expect(extend).toThrow(
    expect.objectContaining({
      estimated: 51,
      limit: 50,
      fields: [{ path: 'permissionGroups.userGroups', calls: 1 }],
    }),
  )
  expect(budget.estimated()).toBe(50)
})

test('a fan-out of no calls asks nobody', () => {
  const budget = createCallBudget(1)
  const reservation = reservationOf(0)
  budget.open(1, reservation)
  budget.extend(0, 'members')
  expect(reservation.log).toEqual([])
})

test('a fan-out is set aside in the budget of the credential as well, and not counted where it does not fit there', () => {
  const budget = createCallBudget(100)
  const reservation = reservationOf(30)
  budget.open(1, reservation)
  budget.extend(30, 'members')
  expect(() => budget.extend(31, 'members')).toThrow('does not fit')
  expect(budget.estimated()).toBe(31)
  expect(reservation.log).toEqual(['extend 30', 'extend 31'])
})

test('what is refused for its price is not set aside', () => {
  const budget = createCallBudget(10)
  const reservation = reservationOf(1_000)
  budget.open(1, reservation)
  expect(() => budget.extend(10, 'members')).toThrow(CostLimitExceeded)
  expect(reservation.log).toEqual([])
})

test('closing gives back what was set aside', () => {
  const budget = createCallBudget(10)
  const reservation = reservationOf(10)
  budget.open(4, reservation)
  budget.close()
  expect(reservation.log).toEqual(['release'])
})

test('a budget that set nothing aside closes too', () => {
  expect(() => createCallBudget(10).close()).not.toThrow()
})

test('nothing is admitted once the operation has ended', () => {
  const budget = createCallBudget(10)
  budget.open(4)
  budget.close()
  expect(() => budget.admit()).toThrow('ended')
  expect(budget.made()).toBe(0)
})
