import { readFileSync } from 'node:fs'
import { Copy, DockerfileParser, From, type Instruction, PropertyInstruction } from 'dockerfile-ast'
import { z } from 'zod'

/** A step that makes files; `from` is the stage to copy from, undefined the build's own files. Paths are below the work directory. */
export type Step =
  | {
      readonly kind: 'copy'
      readonly from: string | undefined
      readonly sources: readonly string[]
      readonly target: string
    }
  | { readonly kind: 'run'; readonly command: string }

export type Stage = { readonly name: string; readonly image: string; readonly steps: readonly Step[] }

/** What the Dockerfile says; the last stage is the image. */
export type ImageDescription = {
  readonly stages: readonly Stage[]
  readonly instructions: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  readonly user: string
  readonly port: string
  /** In exec form. */
  readonly command: readonly string[]
  readonly healthCheck: readonly string[]
}

const workDirectory = '/app/'

/** Reads the project's Dockerfile. */
export function readDockerfile(): ImageDescription {
  const text = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8')
  const instructions = DockerfileParser.parse(text).getInstructions()
  const starts = instructions.flatMap((instruction, index) => (instruction instanceof From ? [index] : []))
  const stages = starts.map((start, index) => readStage(instructions.slice(start, starts[index + 1])))
  const last = instructions.slice(starts.at(-1))
  const only = (keyword: string) => {
    const found = last.filter((instruction) => instruction.getKeyword() === keyword)
    if (found.length !== 1) throw new Error(`the image has ${found.length} of ${keyword}`)
    return found[0]?.getArgumentsContent() ?? ''
  }
  return {
    stages,
    instructions: instructions.map((instruction) => instruction.getKeyword()),
    env: propertiesOf(last, 'ENV'),
    labels: propertiesOf(last, 'LABEL'),
    user: only('USER'),
    port: only('EXPOSE'),
    command: execForm(only('CMD')),
    healthCheck: execForm(only('HEALTHCHECK').replace(/^.*?\bCMD\b/s, '')),
  }
}

function readStage(instructions: readonly Instruction[]): Stage {
  const [from] = instructions
  const [image = '', , name = 'image'] = wordsOf(from)
  const steps = instructions.flatMap((instruction): Step[] => {
    if (instruction instanceof Copy) {
      const words = wordsOf(instruction)
      const stage = instruction.getFromFlag()?.getValue() ?? undefined
      return [
        { kind: 'copy', from: stage, sources: words.slice(0, -1).map(relative), target: words.at(-1) ?? '' },
      ]
    }
    return instruction.getKeyword() === 'RUN'
      ? [{ kind: 'run', command: instruction.getArgumentsContent() ?? '' }]
      : []
  })
  return { name, image, steps }
}

function relative(path: string): string {
  return path.startsWith(workDirectory) ? path.slice(workDirectory.length) : path
}

function wordsOf(instruction: Instruction | undefined): readonly string[] {
  return (instruction?.getExpandedArguments() ?? []).map((word) => word.getValue())
}

function propertiesOf(
  instructions: readonly Instruction[],
  keyword: 'ENV' | 'LABEL',
): Readonly<Record<string, string>> {
  const found = instructions.filter((instruction) => instruction.getKeyword() === keyword)
  return Object.fromEntries(
    found.flatMap((instruction) =>
      instruction instanceof PropertyInstruction
        ? instruction.getProperties().map((property) => [property.getName(), property.getValue() ?? ''])
        : [],
    ),
  )
}

/** @throws where it is not in exec form, that is, where a shell would run it. */
function execForm(text: string): readonly string[] {
  return z.array(z.string()).parse(JSON.parse(text))
}
