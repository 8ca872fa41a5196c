import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { listen } from '../../src/listen.ts'
import { type Gateway, startGateway } from '../support/gateway.ts'

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

test('GraphiQL opens with the examples, runs them, and asks no other host', { timeout: 120_000 }, async ({
  skip,
}) => {
  if (!existsSync(executablePath) && process.env.CI !== 'true') {
    const reason = `no browser at ${executablePath}: install chromium, or set CHROMIUM_PATH`
    process.stdout.write(`The browser test is skipped: ${reason}\n`)
    skip(reason)
  }
  const sandboxAccount = '1d3cee76383cb87c863476fdf2a1a321'
  const gateway = await startGateway({
    headers: {},
    examples: [
      `# Costs one REST call.\nquery NameOfAccount($account: ID! = "${sandboxAccount}") {\n  account(id: $account) { tag name }\n}\n`,
      'query Second {\n  __typename\n}\n',
      'query Third {\n  rateLimit { remaining }\n}\n',
    ],
  })
  const titles = ['NameOfAccount', 'Second', 'Third']
  expect(gateway.sandbox.accountTag).toBe(sandboxAccount)
  const { page, url, requests, complaints } = await openBrowser(gateway)
  const tabs = page.getByRole('tab')
  const result = page.locator('.result-window')
  const run = page.getByRole('button', { name: /^Execute query/ })
  const nextAnswer = () => page.waitForResponse((response) => response.request().method() === 'POST')

  const introspected = nextAnswer()
  await page.goto(url)
  await introspected
  await page.locator('.graphiql-editor').getByText('NameOfAccount').waitFor()
  expect(await tabs.allInnerTexts()).toEqual(titles)

  const answered = nextAnswer()
  await run.click()
  const { data } = await (await answered).json()
  expect(data).toEqual({ account: { tag: sandboxAccount, name: expect.stringMatching(/./) } })
  await result.getByText(`"${data.account.name}"`).waitFor()
  expect(gateway.requests()).toEqual([`GET /accounts/${sandboxAccount}`])

  const introspectedAgain = nextAnswer()
  await page.reload()
  await introspectedAgain
  await page.locator('.graphiql-editor').getByText('NameOfAccount').waitFor()
  expect(await tabs.allInnerTexts()).toEqual(titles)

  const elsewhere = requests.filter(
    (asked) => new URL(asked.replace(/^blob:/, '')).origin !== new URL(url).origin,
  )
  expect(requests.length).toBeGreaterThan(4)
  expect(elsewhere).toEqual([])
  expect(complaints).toEqual([])
})

/** A page in a browser with a fresh profile, and all that it asked for and complained about. */
async function openBrowser(gateway: Gateway) {
  const server = await listen(gateway.app, { host: '127.0.0.1', port: 0 })
  onTestFinished(() => server.drain(0))
  const browser = await chromium.launch({ executablePath, args: flags })
  onTestFinished(() => browser.close())
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } })
  const requests: string[] = []
  const complaints: string[] = []
  page.on('request', (request) => requests.push(request.url()))
  page.on('websocket', (socket) => requests.push(socket.url()))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  return { page, url: `http://127.0.0.1:${server.port}/graphql`, requests, complaints }
}
