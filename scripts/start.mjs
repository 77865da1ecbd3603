/**
 * `npm start`: sets up what is missing, then runs the demonstration (scripts/demo.mjs) with the given arguments.
 * stdout belongs to the demonstration; everything about the set-up goes to stderr.
 */
import { run } from './lib/run.mjs'
import { isBuilt, isInstalled } from './lib/workspace.mjs'

const step = async (what, command) => {
  process.stderr.write(`${what} …\n`)
  const { code, output } = await run(command, { env: { CI: '1' } })
  if (code === 0) return
  process.stderr.write(output)
  process.stderr.write(`${what} failed (exit code ${code}); the reason stands above.\n`)
  process.exit(1)
}

if (!isInstalled()) await step('Installing packages', ['pnpm', 'install', '--frozen-lockfile'])
if (!isBuilt()) await step('Building', ['pnpm', '-r', 'run', 'build'])

const demo = new URL('./demo.mjs', import.meta.url)
// The package managers on the way may leave the `--` that separated their own options.
process.argv = [process.argv[0], demo.pathname, ...process.argv.slice(2).filter((arg) => arg !== '--')]
await import(demo.href)
