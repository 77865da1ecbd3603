import { readFile } from 'node:fs/promises'
import { defineCommand } from '../../command/define.ts'
import { invalid } from '../../command/text-argument.ts'
import { readSecret } from '../../io/secrets.ts'

/** Bytes of a sample. */
const LIMIT = 1024 * 1024

const bodyOf = async (path: string): Promise<Uint8Array> => {
  const body = await readFile(path)
  if (body.length > LIMIT) throw invalid('file', `it holds more than ${LIMIT} bytes`)
  return body
}

/** The id that an event has itself. */
const idIn = (body: Uint8Array): string | undefined => {
  try {
    const id: unknown = JSON.parse(Buffer.from(body).toString()).data?.event_id
    return typeof id === 'string' && /^[^.\s]{1,80}$/.test(id) ? id : undefined
  } catch {
    return undefined
  }
}

export const botSignTest = defineCommand({
  name: 'bot sign-test',
  description: 'Sign a file as webhooks are signed, to try out what verifies them in another language',
  args: { file: { description: 'The body, byte for byte: an event as JSON, or anything else' } },
  options: {
    'key-file': {
      type: 'text',
      placeholder: 'P|-',
      description: 'A whsec_… or whsk_… (default: keys are made and shown, for this sample only)',
    },
    id: { type: 'text', placeholder: 'ID', description: 'The header webhook-id (default: the event_id of the event)' },
    at: {
      type: 'text',
      placeholder: 'TIME',
      description: 'When it was signed, such as 2026-11-21T02:00:00Z (default: now)',
    },
  },
  example: 'dchat bot sign-test event.json --json',
  run: async ({ file, 'key-file': keyFile, id, at }, context) => {
    const body = await bodyOf(file)
    const time = at === undefined ? Date.now() : Date.parse(at)
    if (Number.isNaN(time)) throw invalid('--at', 'it is not a time such as 2026-11-21T02:00:00Z')
    const kit = await import('@dchat/bot-kit')
    const { headers, shown } = await (async () => {
      const options = { id: id ?? idIn(body) ?? 'evt_sample', at: time }
      if (keyFile !== undefined) {
        const key = await readSecret(keyFile, '--key-file', () => context.stdin('--key-file'))
        return { headers: kit.signWebhook(body, { ...options, keys: [kit.parseWebhookKey(key)] }), shown: {} }
      }
      const [secret, pair] = [kit.createWebhookSecret(), kit.createWebhookKeyPair()]
      const keys = [secret, pair.secret].map(kit.parseWebhookKey)
      return { headers: kit.signWebhook(body, { ...options, keys }), shown: { secret, public_key: pair.public } }
    })()
    const lines = Object.entries({ ...shown, ...headers }).map(([name, value]) => `${name}: ${value}`)
    await context.out.result({ ...shown, headers, body: Buffer.from(body).toString('base64') }, lines.join('\n'))
  },
})
