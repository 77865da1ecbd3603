import { arg, createBot } from '@dchat/bot-kit'
import { find, told } from './catalogue.js'

const relays = [process.env.RELAY ?? 'ws://127.0.0.1:7464']

await createBot({ secretFile: 'bot.secret', relays, name: 'Music' })
  // While somebody types, in whatever conversation: what they pick they say themselves.
  .on('inline', (ctx) => {
    const results = find(ctx.query.text, 20).map((track) => ({
      id: track.id,
      title: track.title,
      description: `${track.artist} · ${track.album}, ${track.year}`,
      text: told(track),
    }))
    return ctx.results(results, { cacheSeconds: 300 })
  })
  .command('find', { description: 'Looks for music', args: { what: arg.rest() } }, (ctx) => {
    const tracks = find(ctx.args.what, 5)
    return ctx.reply(tracks.length === 0 ? 'There is nothing like that.' : tracks.map(told).join('\n'))
  })
  .on('message:text', (ctx) => ctx.reply('Try /find river, or ask me while you type in any conversation.'))
  .catch((error) => console.error(error))
  .run({ ready: ({ invite }) => console.log(`Write to me: ${invite}`) })
