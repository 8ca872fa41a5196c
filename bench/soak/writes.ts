import type { LoggedRequest } from '../../src/sandbox/server.ts'
import type { Ask, Asked, Tally } from './ask.ts'
import type { Random } from './random.ts'
import { type Kind, pathOf, type State, type Truth } from './truth.ts'

/** One mutation and what it is to change. */
export type Write = {
  readonly kind: Kind
  /** Undefined for a new object. */
  readonly tag: string | undefined
  /** Of the object, before and after. */
  readonly name: string
  readonly field: string
  readonly input: Readonly<Record<string, unknown>>
  readonly selection: string
  readonly before: State
  readonly after: State
}

/** What became of a write, as the upstream shows; `tag` is that of the object it made. */
export type Written = { readonly done: boolean; readonly tag: string | undefined; readonly asked: Asked }

export type WriteCounts = {
  done: number
  refused: number
  failed: number
  uncertainDone: number
  uncertainNotDone: number
  comparisons: number
}

type Told = 'done' | 'refused' | 'failed' | 'uncertain'

/** How one caller writes: what the gateway says of a write is held against what the upstream has. */
export function createWriter(options: {
  readonly ask: Ask
  readonly isOver: (requestId: string) => Promise<void>
  readonly truth: Truth
  readonly random: Random
  readonly accountTag: string
  readonly tally: Tally
  readonly counts: WriteCounts
}): (write: Write) => Promise<Written> {
  const { ask, isOver, truth, random, accountTag, tally, counts } = options

  async function run(write: Write): Promise<Written> {
    const type = `${write.field.charAt(0).toUpperCase()}${write.field.slice(1)}Input`
    const document = `mutation ($input: ${type}!) { ${write.field}(input: $input) { ${write.selection} userErrors { code message } } }`
    const leaveAfterMs = random.chance(0.04) ? random.below(30) : undefined
    const asked = await ask(document, { input: write.input }, leaveAfterMs)
    const told = toldOf(asked, write.field)
    // Who has left does not know whether the gateway is done with it.
    if (asked.data === undefined) await isOver(asked.requestId)
    // Also where it was done: by a second try, perhaps, while the first still stands in line and would undo what comes next.
    await truth.arrived()
    if (told === 'done' && random.chance(0.7)) {
      counts.done += 1
      return { done: true, tag: write.tag ?? tagIn(asked, write.field), asked }
    }
    await settle(write)
    const found = await look(write, asked)
    counts.comparisons += 1
    judge(write, told, { ...found, asked })
    return { ...found, asked }
  }

  async function settle({ kind, tag, name }: Write): Promise<void> {
    const path = `${pathOf(kind, accountTag)}${tag === undefined ? '' : `/${tag}`}`
    const isMeant = ({ method, path: asked, body }: LoggedRequest) => {
      if (method === 'GET') return false
      // Whose body has not been read yet may be the one.
      return tag === undefined ? body === null || JSON.stringify(body).includes(name) : asked.startsWith(path)
    }
    await truth.settled(isMeant)
  }

  async function look(
    { kind, tag, name, before, after }: Write,
    asked: Asked,
  ): Promise<Omit<Written, 'asked'>> {
    if (tag === undefined) {
      const tags = await truth.tagsOf(kind, accountTag, name)
      if (tags.length > 1) tally.findings.push(`${name} was made ${tags.length} times`)
      if (tags.length === 0) tally.notMade.set(name, JSON.stringify(asked))
      return { done: tags.length > 0, tag: tags[0] }
    }
    const state = await truth.read(kind, accountTag, tag)
    if (state !== before && state !== after) {
      tally.findings.push(
        `${name} is neither as it was nor as it should be: ${before} -> ${after}, but ${state}`,
      )
    }
    return { done: state === after, tag }
  }

  function judge(write: Write, told: Told, { done, asked }: Written): void {
    const what = `${write.field} of ${write.name}`
    if (told === 'done' && !done) tally.findings.push(`lost: ${what} was told as done, and is not`)
    // What changes nothing is as good as done.
    const isDone = done && write.before !== write.after
    if ((told === 'refused' || told === 'failed') && isDone) {
      tally.findings.push(`hidden: ${what} was told as ${told}, and is done: ${JSON.stringify(asked)}`)
    }
    if (told === 'uncertain') counts[done ? 'uncertainDone' : 'uncertainNotDone'] += 1
    else counts[told] += 1
  }

  return run
}

function toldOf({ data, errors }: Asked, field: string): Told {
  if (data === undefined) return 'uncertain'
  if (errors.some(({ extensions }) => extensions.mayHaveHappened === true)) return 'uncertain'
  const payload = data?.[field]
  if (errors.length > 0 || payload === undefined || payload === null) return 'failed'
  const { userErrors } = Object(payload)
  return Array.isArray(userErrors) && userErrors.length === 0 ? 'done' : 'refused'
}

function tagIn({ data }: Asked, field: string): string | undefined {
  const payload: Readonly<Record<string, unknown>> = Object(data?.[field])
  const object = Object.values(payload).find(
    (value) => typeof value === 'object' && value !== null && 'tag' in value,
  )
  const { tag } = Object(object)
  return typeof tag === 'string' ? tag : undefined
}
