import { execFile } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { chromium } from 'playwright'
import { preview } from 'vite'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { createRelay } from '../../packages/relay/src/index.ts'
import { chromiumArgs, findChromium, NO_CHROMIUM } from '../../scripts/lib/chromium.mjs'
import { fencesOf } from '../lib/fences.ts'
import { createProject, type Project } from '../lib/packed.ts'
import { projectFiles, readText, root } from '../lib/tree.ts'

const run = promisify(execFile)
const OUTPUT = ['Bob reads: Hello, Bob!', "Alice's message is delivered"]
const program = findChromium()
if (program === undefined) process.stderr.write(`Skipped: the example in Chromium: ${NO_CHROMIUM}.\n`)

const filesOf = (name: string): readonly string[] =>
  projectFiles().flatMap((path) =>
    path.startsWith(`examples/${name}/`) ? [path.slice(`examples/${name}/`.length)] : [],
  )

let relay: Awaited<ReturnType<typeof createRelay>>
let project: Project
beforeAll(async () => {
  relay = await createRelay()
  project = createProject(inject('packed').filter(({ name }) => name === '@dchat/sdk'))
  for (const name of filesOf('hello-node'))
    cpSync(join(root, 'examples/hello-node', name), join(project.folder, 'node_modules/hello-node', name))
  for (const name of filesOf('hello-browser')) project.write(name, readText(`examples/hello-browser/${name}`))
})
afterAll(async () => {
  await relay.close()
  project.remove()
})

describe('one file says hello', () => {
  const hello = readText('examples/hello-node/hello.js')

  test('in at most twelve lines, and stands in the README as it is', () => {
    expect(hello.trimEnd().split('\n').length).toBeLessThanOrEqual(12)
    expect(fencesOf('README.md').filter(({ language }) => language === 'js')).toMatchObject([{ code: hello.trimEnd() }])
  })

  test('run by Node', async () => {
    const file = join(project.folder, 'node_modules/hello-node/hello.js')
    const { stdout, stderr } = await run(process.execPath, [file, relay.url], { cwd: project.folder, timeout: 60_000 })
    expect({ lines: stdout.trimEnd().split('\n'), stderr }).toEqual({ lines: OUTPUT, stderr: '' })
    expect(readdirSync(join(project.folder, '.dchat'))).toHaveLength(2)
  })

  test.skipIf(program === undefined)('run by Chromium, from a Vite build without configuration', async () => {
    expect(filesOf('hello-browser')).toEqual(['index.html', 'package.json'])
    await run(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build'], { cwd: project.folder })
    expect(existsSync(join(project.folder, 'dist/index.html'))).toBe(true)
    const server = await preview({ root: project.folder, configFile: false, logLevel: 'silent', preview: { port: 0 } })
    const browser = await chromium.launch({ executablePath: program as string, args: chromiumArgs() })
    try {
      const page = await browser.newPage()
      const said: string[] = []
      page.on('console', (message) => said.push(message.text()))
      page.on('pageerror', (error) => said.push(String(error)))
      await page.goto(`${server.resolvedUrls?.local[0]}#${relay.url}`)
      await expect.poll(() => said, { timeout: 60_000 }).toEqual(OUTPUT)
      const databases = await page.evaluate('indexedDB.databases().then((all) => all.map(({ name }) => name))')
      expect(databases).toEqual(expect.arrayContaining([expect.stringMatching(/dchat1/)]))
    } finally {
      await browser.close()
      await server.close()
    }
  })
})

test('the page of the example is a page, and its program the one of Node', () => {
  const html = readFileSync(join(root, 'examples/hello-browser/index.html'), 'utf8')
  expect(html).toContain("import 'hello-node'")
  expect(html.match(/<script/g)).toHaveLength(1)
})
