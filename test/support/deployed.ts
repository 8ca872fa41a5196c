import { readdirSync, readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { parseAllDocuments } from 'yaml'

const directory = new URL('../../deploy/', import.meta.url)

/** A file below `deploy`. */
export function readDeployed(path: string): string {
  return readFileSync(new URL(path, directory), 'utf8')
}

/** Names of the files in a folder of `deploy`. */
export function listDeployed(path: string): readonly string[] {
  return readdirSync(new URL(`${path}/`, directory))
}

/** Every document of a YAML file below `deploy`. */
export function readDeployedYaml(path: string): readonly unknown[] {
  return parseAllDocuments(readDeployed(path)).map((document) => {
    const [error] = document.errors
    if (error !== undefined) throw error
    return document.toJS()
  })
}

/** Variables of a file below `deploy`, `NAME=value` a line. */
export function readDeployedSettings(path: string): Readonly<Record<string, string>> {
  const entries = Object.entries(parseEnv(readDeployed(path)))
  return Object.fromEntries(entries.map(([name, value]) => [name, value ?? '']))
}
