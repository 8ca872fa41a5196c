import { startBff } from './bff.ts'

const { url } = await startBff(process.argv[2] ?? '')
process.send?.({ url })
