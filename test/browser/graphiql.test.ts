import { accessSync, constants } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { listen } from '../../src/listen.ts'
import { accountSchema } from '../support/account-schema.ts'
import { startGateway } from '../support/gateway.ts'

test('x', async () => {
  const gateway = await startGateway({ schema: accountSchema(), headers: {}, examples: ['# First example\nquery First($account: String! = "0123456789abcdef0123456789abcdef") {\n  accountName(tag: $account)\n}\n', 'query Second { free }', 'query Third { free gap }'  ] })
  const server = await listen(gateway.app, { host: '127.0.0.1', port: 0 })
  onTestFinished(() => server.drain(0))
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox','--disable-gpu','--disable-quic','--no-first-run','--disable-background-networking','--disable-component-update','--disable-sync'] })
  onTestFinished(() => browser.close())
  const page = await browser.newPage({viewport: {width: 1400, height: 900}})
  const seen: string[] = []
  page.on('request', (r) => seen.push(`${r.method()} ${r.url().slice(0, 80)}`))
  page.on('console', (m) => console.log('console', m.type(), m.text().slice(0,300)))
  page.on('pageerror', (e) => console.log('pageerror', e.message))
  const t0 = performance.now()
  await page.goto(`http://127.0.0.1:${server.port}/graphql`)
  console.log('goto', performance.now() - t0)
  await page.waitForSelector('.graphiql-execute-button')
  console.log('ready', performance.now() - t0)
  await page.waitForTimeout(2500)
  await page.screenshot({ path: '/tmp/graphiql1.png' })
  console.log(await page.locator('.graphiql-tab').allInnerTexts())
  await page.locator('.graphiql-execute-button').click()
  await page.waitForTimeout(1500)
  console.log(await page.locator('.result-window').innerText())
  await page.screenshot({ path: '/tmp/graphiql2.png' })
  console.log(seen)
  await page.reload()
  await page.waitForTimeout(1500)
  console.log(page.url(), await page.locator('.graphiql-tab').allInnerTexts())
  await page.locator('.graphiql-tab').nth(1).click()
  await page.waitForTimeout(300)
  await page.locator('.graphiql-execute-button').click()
  await page.waitForTimeout(700)
  console.log(await page.locator('.result-window').innerText())
  await page.reload()
  await page.waitForTimeout(1500)
  console.log(page.url(), await page.locator('.graphiql-tab').allInnerTexts())

}, 60_000)
