import { randomUUID } from 'node:crypto'
import { patienceOf } from '../command/common.ts'
import type { Context } from '../command/context.ts'
import { defineCommand } from '../command/define.ts'
import { invalid, textOf } from '../command/text-argument.ts'
import { messageFields } from '../io/message-lines.ts'
import { sentText } from '../io/sent-text.ts'
import type { SendParams } from '../methods/types.ts'

type Wait = Pick<SendParams, 'wait' | 'timeout' | 'patience'>

const waiting = ({ globals }: Context, wait: 'queued' | 'sent' | 'delivered' | undefined): Wait => ({
  wait: wait ?? 'sent',
  ...patienceOf(globals),
})

const sendStream = async (chat: string | undefined, wait: Wait, context: Context): Promise<void> => {
  const { out, signal } = context
  const { sendLines } = await import('../jsonl/send-lines.ts')
  const session = await context.session()
  await sendLines({
    input: context.stdin('--jsonl'),
    chat,
    signal,
    send: (params) => session.call('send', { ...params, ...wait }, { signal }),
    // Results are for programs in any case.
    write: (result) => out.jsonItem('result', result),
  })
}

export const send = defineCommand({
  name: 'send',
  description: 'Send a message',
  args: {
    chat: { description: 'A contact name, address, invite link, group name or conversation id', optional: true },
    text: { description: 'The text, or - to read it from stdin', optional: true },
  },
  options: {
    jsonl: { type: 'flag', description: 'Send one message for each line {"chat","text","client_id"} of stdin' },
    wait: {
      type: 'text',
      placeholder: 'STATE',
      choices: ['queued', 'sent', 'delivered'],
      description: 'Until the message is stored here, has its receipt (default), or has arrived',
    },
    'reply-to': { type: 'text', placeholder: 'ID', description: 'The message that this one answers' },
    mention: {
      type: 'texts',
      placeholder: 'P',
      description: 'Mention this person: as @P in the text, else at its beginning; may be repeated',
    },
    markdown: { type: 'flag', description: 'The text is Markdown' },
    'client-id': { type: 'text', placeholder: 'ID', description: 'Sending again with the same id sends nothing twice' },
  },
  example: "dchat send bob 'Hello!' --wait delivered",
  run: async (values, context) => {
    const { chat, jsonl, markdown } = values
    const wait = waiting(context, values.wait)
    if (jsonl) {
      if (values.text !== undefined) throw invalid('text', 'with --jsonl the texts come from stdin')
      return sendStream(chat, wait, context)
    }
    if (chat === undefined)
      throw invalid('chat', 'it is missing; name a contact, a group, an address or an invite link')
    const text = await textOf(values.text, context)
    const replyTo = values['reply-to']
    const params: SendParams = {
      chat,
      text,
      ...wait,
      // Also without one of the user's: a message is never sent twice because the owner of the store changed.
      clientId: values['client-id'] ?? randomUUID(),
      ...(markdown ? { format: 'markdown' } : {}),
      ...(replyTo === undefined ? {} : { replyTo }),
      ...(values.mention.length === 0 ? {} : { mentions: values.mention }),
    }
    const session = await context.session()
    const message = await session.call('send', params, { signal: context.signal })
    await context.out.result(messageFields(message), sentText(message))
  },
})
