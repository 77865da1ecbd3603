import type { Queue, StoredWebhook } from '@dchat/bot-kit'
import { PLACE_OPTIONS } from '../../bots/place.ts'
import { KEY_OPTIONS, withSharedSecret } from '../../bots/webhook-keys.ts'
import { webhookFields, webhookText } from '../../bots/webhook-lines.ts'
import { type Kit, withQueue } from '../../bots/with-queue.ts'
import { defineCommand } from '../../command/define.ts'
import { invalid } from '../../command/text-argument.ts'

const NAME_ARG = { description: 'The name of a webhook, as "dchat bot webhook list" shows it' } as const

const viewOf = async (queue: Queue, kit: Kit, webhook: StoredWebhook): Promise<object> =>
  webhookFields(webhook, await queue.health(webhook.name), kit.webhookPublicKey)

export const botWebhookAdd = defineCommand({
  name: 'bot webhook add',
  description: 'Hand the events of a bot to a program elsewhere; they come once "bot webhook test" was answered',
  args: {
    name: { description: 'What you call it: 1 to 32 of a to z, digits, - and _' },
    url: { description: 'Where events are posted: https and a public address' },
  },
  options: {
    ...PLACE_OPTIONS,
    ...KEY_OPTIONS,
    'allow-private': { type: 'flag', description: 'This host may be private, and without TLS' },
  },
  example: 'dchat bot webhook add shop https://shop.example/dchat --out shop.secret',
  run: async ({ name, url, 'allow-private': isPrivate, ...values }, context) => {
    const { out } = context
    await withQueue(values, context, async (queue, kit) => {
      const pair = kit.createWebhookKeyPair()
      const webhook = await withSharedSecret(values, context, (secret) =>
        kit.addWebhook(queue, { name, url, keys: [...(secret === undefined ? [] : [secret]), pair.secret], isPrivate }),
      )
      await out.result({ ...(await viewOf(queue, kit, webhook)), public_key: pair.public }, pair.public)
      out.note(`When the program knows this key, or the shared secret: dchat bot webhook test ${name}`)
    })
  },
})

export const botWebhookList = defineCommand({
  name: 'bot webhook list',
  usual: true,
  description: 'List the webhooks of a bot, and how they do',
  args: {},
  options: PLACE_OPTIONS,
  example: 'dchat bot webhook list --json',
  run: async (values, context) => {
    const { out } = context
    await withQueue(values, context, async (queue, kit) => {
      for (const webhook of await queue.webhooks()) {
        const text = webhookText(webhook, await queue.health(webhook.name))
        await out.item('webhook', await viewOf(queue, kit, webhook), text)
      }
    })
    await out.end()
  },
})

export const botWebhookTest = defineCommand({
  name: 'bot webhook test',
  description: 'Ask the program to repeat a challenge; it gets events from then on, also after it was disabled',
  args: { name: NAME_ARG },
  options: PLACE_OPTIONS,
  example: 'dchat bot webhook test shop',
  run: async ({ name, ...values }, context) => {
    const { out, signal } = context
    await withQueue(values, context, async (queue, kit) => {
      const webhook = await kit.testWebhook(queue, name, { signal })
      await out.result(await viewOf(queue, kit, webhook), `${name} answers, and gets events.`)
    })
  },
})

export const botWebhookRotate = defineCommand({
  name: 'bot webhook rotate',
  description: 'Sign by new keys; the old ones sign beside them for a day, in which the program changes over',
  args: { name: NAME_ARG },
  options: { ...PLACE_OPTIONS, ...KEY_OPTIONS },
  example: 'dchat bot webhook rotate shop --out shop.new-secret',
  run: async ({ name, ...values }, context) => {
    const { out } = context
    await withQueue(values, context, async (queue, kit) => {
      const known = (await queue.webhooks()).find((webhook) => webhook.name === name)
      const isShared = known?.keys.some(({ key, until }) => key.startsWith('whsec_') && until === undefined) ?? false
      if (isShared && values.out === undefined && values['key-file'] === undefined)
        throw invalid('--out', 'the webhook has a shared secret: name the file for its new one')
      const pair = kit.createWebhookKeyPair()
      const rotated = await withSharedSecret(values, context, async (secret) => {
        if (secret !== undefined) await kit.rotateWebhook(queue, name, secret)
        return kit.rotateWebhook(queue, name, pair.secret)
      })
      await out.result({ ...(await viewOf(queue, kit, rotated)), public_key: pair.public }, pair.public)
    })
  },
})

export const botWebhookRemove = defineCommand({
  name: 'bot webhook remove',
  description: 'Forget a webhook, with the events that wait for it and its dead letters',
  args: { name: NAME_ARG },
  options: PLACE_OPTIONS,
  example: 'dchat bot webhook remove shop',
  run: async ({ name, ...values }, context) => {
    await withQueue(values, context, (queue, kit) => kit.removeWebhook(queue, name))
    await context.out.result({ name, removed: true }, `${name} is removed.`)
  },
})
