import { readdir, rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { argv, stdout } from 'node:process'

// Removes from a folder of installed packages what Node never loads: types, sources that were compiled, source maps, prose, tests. Licences
// stay, since whoever passes packages on has to pass those on too. Usage: node scripts/prune-production.mjs node_modules

const neverLoaded = /\.(map|[cm]?ts|flow|md|markdown|tsbuildinfo)$/
const licence = /^(licen[cs]e|notice|copying)\b/i
// Only at the top of a package: deeper down such a name may be that of code.
const neverNeeded = new Set([
  '.github',
  'benchmark',
  'benchmarks',
  'bench',
  'docs',
  'example',
  'examples',
  'test',
  'tests',
])

const [, , folder = 'node_modules'] = argv
const freed = await prunePackages(folder)
stdout.write(`${folder}: ${(freed / 1e6).toFixed(1)} MB that Node never loads are removed\n`)

/** Prunes every package in a `node_modules`, or in a scope of one. Answers the bytes that were freed, as do the others. */
async function prunePackages(path) {
  const entries = await readdir(path, { withFileTypes: true })
  const packages = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
  return sum(
    packages.map(({ name }) =>
      name.startsWith('@') ? prunePackages(join(path, name)) : prunePackage(join(path, name)),
    ),
  )
}

async function prunePackage(path) {
  const entries = await readdir(path, { withFileTypes: true })
  return sum(
    entries.map((entry) => {
      const below = join(path, entry.name)
      if (!entry.isDirectory()) return pruneFile(path, entry)
      if (entry.name === 'node_modules') return prunePackages(below)
      return neverNeeded.has(entry.name) ? removeFolder(below) : pruneFolder(below)
    }),
  )
}

async function pruneFolder(path) {
  const entries = await readdir(path, { withFileTypes: true })
  const freedBytes = await sum(
    entries.map((entry) =>
      entry.isDirectory() ? pruneFolder(join(path, entry.name)) : pruneFile(path, entry),
    ),
  )
  if ((await readdir(path)).length === 0) await rmdir(path)
  return freedBytes
}

async function pruneFile(parent, entry) {
  if (!entry.isFile() || !neverLoaded.test(entry.name) || licence.test(entry.name)) return 0
  const path = join(parent, entry.name)
  const { size } = await stat(path)
  await rm(path)
  return size
}

async function removeFolder(path) {
  const below = await readdir(path, { withFileTypes: true, recursive: true })
  const files = below.filter((entry) => entry.isFile())
  const freedBytes = await sum(
    files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size),
  )
  await rm(path, { recursive: true })
  return freedBytes
}

async function sum(numbers) {
  return (await Promise.all(numbers)).reduce((total, number) => total + number, 0)
}
