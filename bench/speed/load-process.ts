import { generateLoad, type Load } from './load.ts'

// Generates the loads that its parent asks for, one after another.
process.on('message', async (load: Load) => {
  try {
    process.send?.({ figures: await generateLoad(load) })
  } catch (error) {
    process.send?.({ problem: error instanceof Error ? error.message : String(error) })
  }
})
process.send?.({ ready: true })
