import { readFile, writeFile } from 'node:fs/promises'

const file = 'bench/RESULTS.md'
const sections = ['Speed', 'Peers', 'Workers', 'Memory', 'Time'] as const

/** What is measured, by one command. */
export type Section = (typeof sections)[number]

/**
 * Puts a section into `bench/RESULTS.md` in the place of the one of that name and of this line of Node.js, and leaves the others as they
 * are: engines differ by more than most changes here, so each has its own figures.
 */
export async function writeResults(section: Section, text: string): Promise<void> {
  const before = await readFile(file, 'utf8').catch(() => '')
  const parts = new Map<string, string>()
  for (const part of before.split(/^(?=# )/m)) {
    const title = /^# (.*)$/m.exec(part)?.[1]
    if (title !== undefined) parts.set(title, part.trim())
  }
  const title = `${section}, Node.js ${process.versions.node.split('.')[0]}`
  parts.set(title, `# ${title}\n\n${text.trim()}`)
  const places = [...parts.keys()].sort(
    (one, other) => placeOf(one) - placeOf(other) || (one < other ? -1 : 1),
  )
  await writeFile(file, `${places.map((place) => parts.get(place)).join('\n\n')}\n`)
}

function placeOf(title: string): number {
  return sections.findIndex((section) => title.startsWith(section))
}
