import { readFileSync } from 'node:fs'

/** What the operating system says of a process and those that it started. */
export type ProcessFigures = {
  /** User and system time of all threads since the start, in milliseconds. */
  readonly cpuMs: number
  readonly rssMebibytes: number
}

// `sysconf(_SC_CLK_TCK)`: 100 on every Linux that Node runs on.
const ticksPerSecond = 100

/** Reads `/proc`, which Linux has: proc(5). */
export function readProcessFigures(pid: number): ProcessFigures {
  // The name in parentheses may hold spaces; state is the field after it, utime the twelfth and stime the thirteenth.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  const ticks = Number(fields[11]) + Number(fields[12])
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
  const own = { cpuMs: (ticks / ticksPerSecond) * 1000, rssMebibytes: Number(kibibytes) / 1024 }
  return children
    .map((child) => readProcessFigures(Number(child)))
    .reduce(
      (sum, figures) => ({
        cpuMs: sum.cpuMs + figures.cpuMs,
        rssMebibytes: sum.rssMebibytes + figures.rssMebibytes,
      }),
      own,
    )
}
