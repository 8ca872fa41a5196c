import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { sharedInFile } from '../support/shared-in-file.ts'

const execute = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))

/** A folder outside the repository with files of `docs/clients.md`, as somebody has who follows that page. */
export type PageProject = {
  readonly path: (name: string) => string
  /** Adds a file, or replaces one. */
  readonly write: (name: string, text: string) => Promise<void>
  /** Runs a program of node_modules, or `node`, in the folder; answers what it printed, rejects with it where the program fails. */
  readonly run: (program: string, ...args: readonly string[]) => Promise<string>
  readonly remove: () => Promise<void>
}

export type ProjectPlan = {
  readonly headings: readonly string[]
  readonly compile: readonly [program: string, ...args: string[]]
}

const strictest = {
  compilerOptions: {
    target: 'es2023',
    lib: ['es2023', 'dom'],
    module: 'esnext',
    moduleResolution: 'bundler',
    jsx: 'react-jsx',
    types: [],
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noUnusedLocals: true,
    verbatimModuleSyntax: true,
    skipLibCheck: true,
    noEmit: true,
  },
  include: ['src', 'codegen.ts'],
}

/**
 * The files that `docs/clients.md` shows below these headings, and the schema that its script makes of the gateway at `url`. `compile` is the
 * command that follows.
 */
export async function createPageProject(
  { headings, compile }: ProjectPlan,
  url: string,
): Promise<PageProject> {
  const project = await openFolder()
  try {
    const page = await readFile(join(root, 'docs/clients.md'), 'utf8')
    for (const heading of ['The schema', ...headings]) {
      const files = filesBelow(page, heading)
      if (files.length === 0) throw new Error(`docs/clients.md shows no file below "${heading}"`)
      for (const { name, text } of files) await project.write(name, text)
    }
    await project.run('node', 'schema.mjs', url)
    await project.run(...compile)
    return project
  } catch (error) {
    await project.remove()
    throw error
  }
}

/** One such folder for all tests of a file: made when the first asks, removed after the last. */
export function sharePageProject(plan: ProjectPlan): (url: string) => Promise<PageProject> {
  return sharedInFile(
    (url: string) => createPageProject(plan, url),
    (project) => project.remove(),
  )
}

async function openFolder(): Promise<PageProject> {
  const directory = await mkdtemp(join(tmpdir(), 'clients-'))
  const path = (name: string) => join(directory, name)
  const write = async (name: string, text: string) => {
    await mkdir(dirname(path(name)), { recursive: true })
    await writeFile(path(name), text)
  }
  const run = async (program: string, ...args: readonly string[]) => {
    const executable = program === 'node' ? process.execPath : path(`node_modules/.bin/${program}`)
    const { stdout, stderr } = await execute(executable, args, { cwd: directory })
    return `${stdout}${stderr}`
  }
  await symlink(join(root, 'node_modules'), path('node_modules'))
  await write('package.json', JSON.stringify({ type: 'module' }))
  await write('tsconfig.json', JSON.stringify(strictest))
  return { path, write, run, remove: () => rm(directory, { recursive: true }) }
}

/** The blocks of code that follow a line with nothing but the name of a file. */
function filesBelow(
  page: string,
  heading: string,
): readonly { readonly name: string; readonly text: string }[] {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? ''
  return [...section.matchAll(/^`([^`\n]+)`\n\n```\w+\n(.*?)^```$/gms)].map(([, name = '', text = '']) => ({
    name,
    text,
  }))
}
