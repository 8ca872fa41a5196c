import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { cp, link, mkdir, mkdtemp, readdir, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { z } from 'zod'
import { readDockerfile, type Stage } from './dockerfile.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

export type BuiltImage = {
  /** What the image has below its work directory. */
  readonly directory: string
  /** The files that a build is given. */
  readonly context: string
  remove(): Promise<void>
}

/**
 * Does what the Dockerfile says, step by step, in folders of this machine in place of containers. Packages come from where they are
 * installed already: all of them for `npm ci`, and those that the lock file does not call development's for `npm ci --omit=dev`.
 */
export async function buildImage(): Promise<BuiltImage> {
  const parent = await mkdtemp(join(tmpdir(), 'image-'))
  const context = join(parent, 'context')
  const remove = () => rm(parent, { recursive: true })
  try {
    await cp(root, context, { recursive: true, filter: isGivenTo(context) })
    const { stages } = readDockerfile()
    // Each of the others stands alone.
    const [last, others] = [stages.slice(-1), stages.slice(0, -1)]
    for (const part of [others, last])
      await Promise.all(part.map((stage) => buildStage(stage, { parent, context })))
    return { directory: join(parent, stages.at(-1)?.name ?? ''), context, remove }
  } catch (error) {
    await remove()
    throw error
  }
}

type Folders = { readonly parent: string; readonly context: string }

async function buildStage({ name, steps }: Stage, { parent, context }: Folders): Promise<void> {
  const directory = join(parent, name)
  await mkdir(directory)
  for (const step of steps) {
    if (step.kind === 'run') await run(step.command, directory)
    else await copy(step, { directory, origin: step.from === undefined ? context : join(parent, step.from) })
  }
}

async function run(command: string, directory: string): Promise<void> {
  const target = join(directory, 'node_modules')
  if (!command.startsWith('npm ci')) {
    // A build prints its mistakes to where nobody would look.
    await promisify(execFile)(command, { cwd: directory, shell: true }).catch((error) => {
      throw new Error(`${command}: ${error.stdout}${error.stderr}`)
    })
  } else if (command.includes('--omit=dev')) await installForProduction(target)
  else await symlink(join(root, 'node_modules'), target)
}

async function installForProduction(target: string): Promise<void> {
  const lock = z.object({ packages: z.record(z.string(), z.object({ dev: z.boolean().optional() })) })
  const { packages } = lock.parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')))
  // What is nested in one of them is there for it, and goes with it.
  const needed = Object.entries(packages)
    .filter(([path, { dev }]) => path.lastIndexOf('node_modules/') === 0 && dev !== true)
    .map(([path]) => path)
  const installed = needed.filter((path) => existsSync(join(root, path)))
  await Promise.all(installed.map((path) => copyFolder(join(root, path), join(dirname(target), path))))
}

/** By links, where both are on one disk: nothing here writes to a file, and the copy of many small ones takes long. */
async function copyFolder(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true })
  const entries = await readdir(from, { withFileTypes: true })
  await Promise.all(
    entries.map(async (entry) => {
      const [source, target] = [join(from, entry.name), join(to, entry.name)]
      if (entry.isDirectory()) await copyFolder(source, target)
      else await link(source, target).catch(() => cp(source, target))
    }),
  )
}

async function copy(
  { sources, target }: { readonly sources: readonly string[]; readonly target: string },
  { directory, origin }: { readonly directory: string; readonly origin: string },
): Promise<void> {
  const files = (await Promise.all(sources.map((source) => expand(source, origin)))).flat()
  const intoFolder = target.endsWith('/')
  for (const file of files) {
    const isFolder = (await stat(join(origin, file))).isDirectory()
    const to = isFolder || !intoFolder ? target : join(target, basename(file))
    await mkdir(join(directory, dirname(to)), { recursive: true })
    if (isFolder) await copyFolder(join(origin, file), join(directory, to))
    else await cp(join(origin, file), join(directory, to))
  }
}

/** @throws where there is no such file, as Docker does. */
async function expand(source: string, origin: string): Promise<readonly string[]> {
  const folder = dirname(source)
  const isSource = patternOf(basename(source))
  const names = (await readdir(join(origin, folder))).filter((name) => isSource.test(name))
  if (names.length === 0) throw new Error(`there is no ${source} to copy: is it in .dockerignore?`)
  return names.map((name) => join(folder, name))
}

/** Which files .dockerignore lets through: those whose last pattern that fits, be it of a folder above, is an exception. */
function isGivenTo(context: string): (file: string) => boolean {
  const lines = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n')
  const patterns = lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ isException: line.startsWith('!'), pattern: line.replace(/^!/, '') }))
  const fits = (pattern: string, path: string) =>
    path.split('/').some((_, index, parts) => patternOf(pattern).test(parts.slice(0, index + 1).join('/')))
  return (file) => {
    const path = file.slice(root.length)
    if (path === '' || file.startsWith(context)) return path === ''
    const last = patterns.findLast(({ pattern }) => fits(pattern, path))
    const leadsToException = patterns.some(
      ({ isException, pattern }) => isException && pattern.startsWith(`${path}/`),
    )
    return last === undefined || last.isException || leadsToException
  }
}

function patternOf(glob: string): RegExp {
  return new RegExp(`^${glob.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*')}$`)
}
