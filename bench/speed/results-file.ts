import { readFile, writeFile } from 'node:fs/promises'

const file = 'bench/RESULTS.md'
const sections = ['Speed', 'Peers', 'Workers', 'Memory', 'Time'] as const

/** A section of the results, which one command writes. */
export type Section = (typeof sections)[number]

/** Puts a section into `bench/RESULTS.md` in the place of the one of that name, and leaves the others as they are. */
export async function writeResults(section: Section, text: string): Promise<void> {
  const before = await readFile(file, 'utf8').catch(() => '')
  const parts = new Map(
    before.split(/^(?=# )/m).map((part) => [/^# (.*)$/m.exec(part)?.[1], part.trim()] as const),
  )
  parts.set(section, `# ${section}\n\n${text.trim()}`)
  const after = sections.flatMap((name) => parts.get(name) ?? [])
  await writeFile(file, `${after.join('\n\n')}\n`)
}
