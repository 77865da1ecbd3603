import { basename } from 'node:path'

/** The files of a new bot. */

export interface TemplateOptions {
  readonly folder: string
  /** What people see. */
  readonly name: string
  readonly relays: readonly string[]
  readonly typescript: boolean
  /** Of the packages that it needs. */
  readonly versions: { readonly kit: string; readonly cli: string }
}

const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`

const bot = ({ name, relays }: TemplateOptions): string => `import { createBot } from '@dchat/bot-kit'

export const bot = createBot({ name: ${quoted(name)}, relays: [${relays.map(quoted).join(', ')}] })
  .command('hello', 'Greets you', (ctx) => ctx.reply(\`Hello, \${ctx.from.name ?? 'stranger'}!\`))
  .on('message:text', (ctx) => ctx.reply(ctx.text))
  .catch((error) => console.error(error))
`

const manifest = ({ folder, versions }: TemplateOptions): string => {
  const name =
    basename(folder)
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'bot'
  const content = {
    name,
    private: true,
    type: 'module',
    scripts: { start: 'dchat bot run', dev: 'dchat bot dev' },
    dependencies: { '@dchat/bot-kit': `^${versions.kit}`, '@dchat/cli': `^${versions.cli}` },
  }
  return `${JSON.stringify(content, undefined, 2)}\n`
}

const readme = ({ name, typescript }: TemplateOptions): string => `# ${name}

A bot for dchat. What it does stands in \`bot.${typescript ? 'ts' : 'js'}\`.

\`\`\`sh
dchat bot run
dchat bot dev
\`\`\`

The first runs it, the second runs it again at each change and shows what happens.

\`bot.secret\` is the bot: whoever has it is the bot, and nothing else brings its address back. Keep a copy where you keep
passwords, and do not publish it. What the bot knows lies in \`.dchat\`; where that is lost, the secret makes a new one.
`

/** The files by name, in the order in which they are written. */
export const templateFiles = (options: TemplateOptions): Readonly<Record<string, string>> => ({
  '.gitignore': 'bot.secret\n.dchat/\nnode_modules/\n',
  'package.json': manifest(options),
  [options.typescript ? 'bot.ts' : 'bot.js']: bot(options),
  'README.md': readme(options),
})
