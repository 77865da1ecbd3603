import { createBot } from '@dchat/bot-kit'

const relays = [process.env.RELAY ?? 'ws://127.0.0.1:7464']
await createBot({ secretFile: 'bot.secret', relays, name: 'Echo' })
  .command('hello', 'Greets you', (ctx) => ctx.reply(`Hello, ${ctx.from.name ?? 'stranger'}!`))
  .on('message:text', (ctx) => ctx.reply(ctx.text))
  .catch((error) => console.error(error))
  .run({ ready: ({ invite }) => console.log(`Write to me: ${invite}`) })
