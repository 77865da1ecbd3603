import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createBot, createHandler, createHookSecret, serve } from '@dchat/bot-kit'

const { RELAY = 'ws://127.0.0.1:7464', PORT = '8787', HOOKS = 'hooks.json' } = process.env
const TEMPLATE = '{{job}} {{state}} on {{branch}} ({{commit}})\n{{url}}'

/** @type {import('@dchat/bot-kit').IncomingHook[]} one for each conversation that asked for it */
const hooks = existsSync(HOOKS) ? JSON.parse(readFileSync(HOOKS, 'utf8')) : []
/** @type {ReturnType<typeof createHandler>} */
let handler = async () => new Response(null, { status: 503 })
const server = await serve((request) => handler(request), { port: Number(PORT), onError: console.error })

await createBot({ secretFile: 'bot.secret', relays: [RELAY], name: 'CI' })
  .command('hook', 'Makes an address that writes here', async (ctx) => {
    const { id } = ctx.conversation
    const known = hooks.find(({ conversation }) => conversation === id)
    const hook = known ?? { name: id, secret: createHookSecret(), conversation: id, template: TEMPLATE }
    if (known === undefined) {
      hooks.push(hook)
      writeFileSync(HOOKS, JSON.stringify(hooks), { mode: 0o600 })
      handler = createHandler({ client: ctx.client, hooks })
    }
    await ctx.reply(`${server.url}/hooks/${hook.secret}`)
  })
  .catch((error) => console.error(error))
  .run({
    ready: ({ client, invite }) => {
      handler = createHandler({ client, hooks })
      console.log(`Write to me: ${invite}`)
    },
  })
await server.close()
