import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { DchatError } from '@dchat/sdk/errors'
import { SECRET_FILE } from '../../bots/place.ts'
import { templateFiles } from '../../bots/template.ts'
import { kitVersion } from '../../bots/versions.ts'
import { defineCommand } from '../../command/define.ts'
import { readSecret } from '../../io/secrets.ts'
import { VERSION } from '../../version.ts'

const SECRET_MODE = 0o600

/** False where a file of this name is there already: nothing is ever overwritten. */
const writeIfNew = async (path: string, text: string, mode = 0o644): Promise<boolean> => {
  try {
    await writeFile(path, text, { flag: 'wx', mode })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  }
}

const NAME = /^[^\p{C}]{1,64}$/u

export const botInit = defineCommand({
  name: 'bot init',
  description: 'Make a bot from a template: a few files and the secret that is its identity; nothing is overwritten',
  args: { folder: { description: 'Where to make it (default: here)', optional: true } },
  options: {
    name: { type: 'text', placeholder: 'NAME', description: 'What people see (default: the name of the folder)' },
    typescript: { type: 'flag', description: 'Write bot.ts instead of bot.js; Node runs it from 22.18 on' },
  },
  example: 'dchat bot init echo --relay wss://relay.example',
  run: async ({ folder = '.', name, typescript }, context) => {
    const { out } = context
    const place = resolve(folder)
    const shown = name ?? (basename(place) || 'bot')
    if (!NAME.test(shown))
      throw new DchatError('usage/invalid-argument', {
        name: '--name',
        reason: 'it has 1 to 64 characters on one line',
      })
    const [{ botAddress, createBotSecret }, { parseRelayUrl }] = await Promise.all([
      import('@dchat/bot-kit'),
      import('@dchat/sdk'),
    ])
    const relays = (await context.relays()).map(parseRelayUrl)
    if (relays.length === 0)
      throw new DchatError(
        'usage/invalid-argument',
        { name: '--relay', reason: 'a bot needs at least one relay where others can reach it' },
        { hint: 'Name one with --relay wss://…, or run one with "dchat relay serve".' },
      )
    const versions = { kit: kitVersion(), cli: VERSION }
    await mkdir(place, { recursive: true })
    const [written, kept]: [string[], string[]] = [[], []]
    const note = (file: string, isNew: boolean): void => void (isNew ? written : kept).push(file)
    // The secret stands in .gitignore before it is there.
    for (const [file, text] of Object.entries(
      templateFiles({ folder: place, name: shown, relays, typescript, versions }),
    ))
      note(file, await writeIfNew(join(place, file), text))
    const secretFile = join(place, SECRET_FILE)
    note(SECRET_FILE, await writeIfNew(secretFile, `${createBotSecret()}\n`, SECRET_MODE))
    const address = botAddress(await readSecret(secretFile, SECRET_FILE, () => context.stdin(SECRET_FILE)))
    if (kept.length > 0) out.note(`Kept as it was: ${kept.join(', ')}`)
    await out.result({ folder: place, address, written, kept }, address)
    out.note(`Start it with "dchat bot run"${place === resolve('.') ? '' : ` in ${folder}`}.`)
  },
})
