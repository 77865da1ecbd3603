import { importPeer, installPeer } from './install.mjs'

const NAME = 'grammy'
const PACKAGES = {
  [NAME]: {
    version: '1.46.0',
    integrity: 'sha512-/8Qw+iisrUdOMk+p2mjEHouMm/BBdBEN1DHh16wiTpRUZkxDG3PxexdjCvR+wvK3LWPdrEvnQbdrwpU954sPhg==',
    dependencies: {
      '@grammyjs/types': '5.0.0',
      'abort-controller': '^3.0.0',
      debug: '^4.4.3',
      'node-fetch': '^2.7.0',
    },
  },
  '@grammyjs/types': {
    version: '5.0.0',
    integrity: 'sha512-iq1Qrq1iPKkB8yAa0qSuIURMZOCuqTY5pWy5gHpCeL1oQ+GPadGhw/cDTVE8waJwuCzacUzuIjRv1sESvk7u7A==',
  },
  'abort-controller': {
    version: '3.0.0',
    integrity: 'sha512-h8lQ8tacZYnR3vNQTgibj+tODHI5/+l06Au2Pcriv/Gmet0eaj4TwWH41sO9wnHDiQsEj19q0drzdWdeAHtweg==',
    dependencies: { 'event-target-shim': '^5.0.0' },
  },
  debug: {
    version: '4.4.3',
    integrity: 'sha512-RGwwWnwQvkVfavKVt22FGLw+xYSdzARwm0ru6DhTVA3umU5hZc28V3kO4stgYryrTlLpuvgI9GiijltAjNbcqA==',
    dependencies: { ms: '^2.1.3' },
  },
  'event-target-shim': {
    version: '5.0.1',
    integrity: 'sha512-i/2XbnSz/uxRCU6+NdVJgKWDTM427+MqYbkQzD321DuCQJUqOuJKIA0IM2+W2xtYHdKOmZ4dR6fExsd4SXL+WQ==',
  },
  ms: {
    version: '2.1.3',
    integrity: 'sha512-6FlzubTLZG3J2a/NVCAleEhjzq5oxgHyaCU9yYXvcLsvoVaHJq/s5xXI6/XXP6tz7R9xAOtHnSO/tXtF3WRTlA==',
  },
  'node-fetch': {
    version: '2.7.0',
    integrity: 'sha512-c4FRfUm/dbcWZ7U+1Wq0AwCyFL+3nt2bEw05wfxSz+DWpWsitgmSgYmy2dQdWyKC1694ELPqMs/YzUSNozLt8A==',
    dependencies: { 'whatwg-url': '^5.0.0' },
  },
  tr46: {
    version: '0.0.3',
    integrity: 'sha512-N3WMsuqV66lT30CrXNbEjx4GEwlow3v6rr4mCcv6prnfwhS01rkgyFdjPNBYd9br7LpXV1+Emh01fHnq2Gdgrw==',
  },
  'webidl-conversions': {
    version: '3.0.1',
    integrity: 'sha512-2JAn3z8AR6rjK8Sm8orRC0h/bcl/DqL7tRPdGZ4I1CjdF+EaMLmYxBHyXuKL849eucPFhvBoxMsflfOb8kxaeQ==',
  },
  'whatwg-url': {
    version: '5.0.0',
    integrity: 'sha512-saE57nupxk6v3HY35+jzBwYa0rKSy0XR8JSxZPwgLr7ys0IBzhGviA1/TUGJLmSVqs8pb9AnvICXEuOHLprYTw==',
    dependencies: { tr46: '~0.0.3', 'webidl-conversions': '^3.0.0' },
  },
}

/** Nobody's: no request leaves the process. */
const TOKEN = '1:bench'
const BOT = { id: 1, is_bot: true, first_name: 'Bench', username: 'bench_bot' }

const updateOf = (index, text) => ({
  update_id: index,
  message: {
    message_id: index,
    date: 1_790_000_000,
    chat: { id: index % 40, type: 'private', first_name: 'Ann' },
    from: { id: 7, is_bot: false, first_name: 'Ann' },
    text,
    ...(text.startsWith('/') && { entities: [{ type: 'bot_command', offset: 0, length: text.split(' ')[0].length }] }),
  },
})

/**
 * grammY's middleware with the same handlers. Its requests are answered in the process, as those of our bot are.
 * @type {import('../runner.mjs').Peer & { title: string }}
 */
export const grammy = {
  name: `grammY ${PACKAGES[NAME].version}`,
  title: 'grammY: handlers alone, a text that is answered',
  open: async (size) => {
    const { Bot } = await importPeer(await installPeer(NAME, 'out/mod.js', PACKAGES))
    const bot = new Bot(TOKEN, { botInfo: BOT })
    let replies = 0
    bot.api.config.use(async (_, __, payload) => {
      replies += 1
      return { ok: true, result: { message_id: replies, date: 0, chat: { id: payload.chat_id, type: 'private' } } }
    })
    for (let step = 0; step < 3; step += 1) bot.use(async (_, next) => next())
    bot.command('price', (ctx) => ctx.reply('EUR 5'))
    bot.on('message:text', (ctx) => ctx.reply(ctx.message.text))
    const count = size === 'quick' ? 20 : 2_000
    return [
      {
        name: grammy.title,
        unit: 'events/s',
        runs: size === 'quick' ? 3 : 20,
        measured: async () => {
          const before = replies
          const since = performance.now()
          for (let index = 0; index < count; index += 1) await bot.handleUpdate(updateOf(index, `number ${index}`))
          const seconds = (performance.now() - since) / 1_000
          if (replies - before !== count) throw new Error('grammY did not answer all')
          return count / seconds
        },
      },
    ]
  },
}
