// Translates src/cloudflare/list-scanner.wat and puts what comes of it into a module, so that bundles and images need no further file.
import { readFileSync, writeFileSync } from 'node:fs'
import wabt from 'wabt'

const source = new URL('../src/cloudflare/list-scanner.wat', import.meta.url)
const { parseWat } = await wabt()
const module = parseWat('list-scanner.wat', readFileSync(source, 'utf8'), { simd: true })
module.validate()
const base64 = Buffer.from(module.toBinary({}).buffer).toString('base64')
const lines = base64.match(/.{1,100}/g).map((line) => `  '${line}',`)
const text = `/** \`list-scanner.wat\` as WebAssembly in base64. Written by \`npm run wasm\`. */
export const listScannerWasm = [
${lines.join('\n')}
].join('')
`
writeFileSync(new URL('../src/cloudflare/list-scanner-wasm.ts', import.meta.url), text)
