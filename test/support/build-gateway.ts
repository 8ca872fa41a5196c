import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))

/**
 * Compiles `src` as `npm run build` does but unchecked, into a folder of the calling file's own that is removed after its last test.
 * Ends in a slash; the folder above holds `examples`, as in the repository.
 */
export async function buildGateway(): Promise<URL> {
  const parent = join(root, 'node_modules', '.cache')
  await mkdir(parent, { recursive: true })
  // Inside the project, so that the result finds the packages.
  const directory = await mkdtemp(join(parent, 'gateway-'))
  afterAll(() => rm(directory, { recursive: true }))
  await symlink(join(root, 'examples'), join(directory, 'examples'))
  const outDir = join(directory, 'dist')
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  await promisify(execFile)(
    process.execPath,
    [compiler, '-p', 'tsconfig.build.json', '--outDir', outDir, '--noCheck'],
    {
      cwd: root,
    },
  )
  return pathToFileURL(`${outDir}/`)
}
