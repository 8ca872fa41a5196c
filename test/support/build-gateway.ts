import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))

export type BuiltGateway = {
  /** What `src` became; ends in a slash. The folder above holds `examples`, as in the repository. */
  readonly directory: URL
  remove(): Promise<void>
}

/** Builds `src` as `npm run build` does but unchecked, into a folder of the caller's own. */
export async function buildGateway(): Promise<BuiltGateway> {
  const parent = join(root, 'node_modules', '.cache')
  await mkdir(parent, { recursive: true })
  // Inside the project, so that the result finds the packages.
  const directory = await mkdtemp(join(parent, 'gateway-'))
  await symlink(join(root, 'examples'), join(directory, 'examples'))
  const outDir = join(directory, 'dist')
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const run = (...args: string[]) => promisify(execFile)(process.execPath, args, { cwd: root })
  await run(compiler, '-p', 'tsconfig.build.json', '--outDir', outDir, '--noCheck')
  await run('scripts/bundle.mjs', outDir)
  return { directory: pathToFileURL(`${outDir}/`), remove: () => rm(directory, { recursive: true }) }
}

/** Builds it before the tests of a file, and removes it after them; the function answered tells its folder. */
export function builtBeforeAll(): () => URL {
  let built: BuiltGateway | undefined
  beforeAll(async () => {
    built = await buildGateway()
    return built.remove
  }, 60_000)
  return () => {
    if (built === undefined) throw new Error('The gateway is built before the tests, and not yet')
    return built.directory
  }
}
