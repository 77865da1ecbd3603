import { arg, createBot, selling } from '@dchat/bot-kit'
import { formatMoney, parseMoney } from '@dchat/sdk'

const relays = [process.env.RELAY ?? 'ws://127.0.0.1:7464']

/** What is for sale, and how low the price of a piece may be talked down in three steps. */
const shop = selling({
  listing: {
    title: 'Furniture',
    items: [
      { id: 'chair', title: 'Oak chair', unitPrice: parseMoney('EUR 60.00'), stock: 4 },
      { id: 'table', title: 'Oak table', unitPrice: parseMoney('EUR 240.00'), stock: 1 },
    ],
  },
  floors: { chair: 'EUR 45.00' },
  steps: 3,
  sold: async (ctx, { offer, file }) => {
    const { items, price } = offer.terms
    const goods = items.map(({ quantity, title }) => `${quantity} × ${title}`).join(', ')
    await ctx.send(`Sold: ${goods} for ${formatMoney(price.total)}. Your receipt has ${file.length} bytes: save it.`)
  },
})

await createBot({ secretFile: 'bot.secret', relays, name: 'Shop' })
  .use(shop)
  .command('catalogue', 'Shows what there is', async (ctx) => {
    const { items, left } = await ctx.shop.listing()
    const lines = items.map(({ id, title, unitPrice }) => {
      const available = left.find((each) => each.id === id)?.available ?? 0
      return `${id}: ${title}, ${unitPrice ? formatMoney(unitPrice) : 'free'} (${available} left)`
    })
    await ctx.reply(lines.join('\n'))
  })
  .command(
    'buy',
    {
      description: 'Makes you an offer; ask for less, if you like',
      args: { item: arg.choice('chair', 'table'), pieces: arg.integer({ min: 1, max: 4 }).default(1) },
    },
    (ctx) => ctx.shop.offer(ctx.args.item, ctx.args.pieces),
  )
  .on('offer:open', (ctx) => ctx.decline('not_available'))
  .on('message:text', (ctx) => ctx.reply('/catalogue shows what there is, /help everything.'))
  .catch((error, ctx) => {
    console.error(error)
    return ctx.reply('That did not work.')
  })
  .run({ ready: ({ invite }) => console.log(`Write to me: ${invite}`) })
