import { listScannerWasm } from './list-scanner-wasm.ts'

/** Finds where lists of a JSON body end. All of them have one memory: one is done with before the next is used. */
export class ListScanner {
  private readonly body: Uint8Array
  private readonly scan = sharedScan()
  // What of the body is in memory.
  private from = 0
  private to = 0

  constructor(body: Uint8Array) {
    this.body = body
  }

  /** The offset behind the list that begins at an offset; undefined where that is not within a MiB, or cannot be found out here. */
  endOf(start: number): number | undefined {
    const { scan, body } = this
    if (scan === undefined) return undefined
    const isHeld = start >= this.from && start < this.to
    const end = isHeld ? this.find(scan, start) : undefined
    if (end !== undefined || (isHeld && this.to === body.length)) return end
    this.hold(scan, start)
    return this.find(scan, start)
  }

  private find({ endOfList }: Scan, start: number): number | undefined {
    const end = endOfList(start - this.from, this.to - this.from)
    return end === 0 ? undefined : this.from + end
  }

  private hold({ bytes }: Scan, from: number): void {
    this.from = from
    this.to = Math.min(this.body.length, from + windowLength)
    const length = this.to - from
    bytes.set(this.body.subarray(from, this.to))
    bytes.fill(0, length, length + blockLength)
  }
}

/** What `list-scanner.wat` exports: its memory, and where a list ends that is in it. */
type Scan = { readonly bytes: Uint8Array; readonly endOfList: (start: number, end: number) => number }

const windowLength = 1024 * 1024
const blockLength = 64

let compiled: Scan | 'impossible' | undefined

// Once, for the first who asks.
function sharedScan(): Scan | undefined {
  compiled ??= compile() ?? 'impossible'
  return compiled === 'impossible' ? undefined : compiled
}

// Processors of before 2008 have no instructions for 16 bytes at a time, and V8 refuses the module there.
function compile(): Scan | undefined {
  const code = Buffer.from(listScannerWasm, 'base64')
  if (!WebAssembly.validate(code)) return undefined
  const { memory, endOfList } = new WebAssembly.Instance(new WebAssembly.Module(code)).exports
  if (!(memory instanceof WebAssembly.Memory) || !isScan(endOfList)) return undefined
  return { bytes: new Uint8Array(memory.buffer), endOfList }
}

function isScan(value: unknown): value is Scan['endOfList'] {
  return typeof value === 'function'
}
