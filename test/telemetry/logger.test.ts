import { expect, test } from 'vitest'
import { createLogger } from '../../src/telemetry/logger.ts'

test('a line is one JSON object with the time in words', () => {
  const lines: string[] = []
  createLogger('info', { write: (line) => lines.push(line) }).info({ port: 4000 }, 'listening')
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(/\n$/)
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    level: 30,
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    port: 4000,
    msg: 'listening',
  })
})

test('what is below the level is left out', () => {
  const lines: string[] = []
  const logger = createLogger('warn', { write: (line) => lines.push(line) })
  logger.info('not this')
  logger.warn('this')
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['this'])
})
