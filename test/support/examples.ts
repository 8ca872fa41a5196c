import { readdirSync, readFileSync } from 'node:fs'

const directory = new URL('../../examples/', import.meta.url)

/** The names of the examples without their ending, in order. */
export function readExampleNames(): readonly string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.graphql'))
    .map((name) => name.replace(/\.graphql$/, ''))
    .sort()
}

/** The document of an example. */
export function readExample(name: string): string {
  return readFileSync(new URL(`${name}.graphql`, directory), 'utf8')
}

/** The variables in the file beside an example; where there is none, the account. */
export function readExampleVariables(name: string, account: string): Readonly<Record<string, unknown>> {
  const file = `${name}.variables.json`
  if (!readdirSync(directory).includes(file)) return { account }
  return JSON.parse(readFileSync(new URL(file, directory), 'utf8'))
}
