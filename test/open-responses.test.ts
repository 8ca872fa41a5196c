import { once } from 'node:events'
import { createServer, get, type ServerResponse } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { OpenResponses } from '../src/open-responses.ts'

test('a response is kept from its request until it is closed, whichever ends first', async () => {
  const open = new OpenResponses()
  const responses: ServerResponse[] = []
  const server = createServer((_, response) => {
    open.add(response)
    responses.push(response)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  async function ask(): Promise<ServerResponse> {
    const arrived = once(server, 'request')
    get({ port, agent: false }, (answer) => answer.resume())
    await arrived
    const response = responses.at(-1)
    if (response === undefined) throw new Error('no response')
    return response
  }
  async function answer(response: ServerResponse): Promise<void> {
    const closed = once(response, 'close')
    response.end()
    await closed
  }
  const [first, second] = [await ask(), await ask()]
  expect(open.all()).toEqual([first, second])
  await answer(first)
  expect([open.size(), open.all()]).toEqual([1, [second]])
  const third = await ask()
  expect([open.size(), new Set(open.all())]).toEqual([2, new Set([second, third])])
  await answer(third)
  await answer(second)
  expect([open.size(), open.all()]).toEqual([0, []])
})
