import { OFFER_ARG, patienceOf } from '../../command/common.ts'
import { defineCommand } from '../../command/define.ts'

export const offerReceipt = defineCommand({
  name: 'offer receipt',
  description: 'Write the receipt of an agreed deal: one file that proves it to anybody, offline',
  args: { offer: OFFER_ARG },
  options: {
    out: { type: 'text', placeholder: 'FILE', description: 'Where to write it; there is nothing yet' },
    html: { type: 'flag', description: 'A page to read and print instead of the file itself' },
    deal: { type: 'text', placeholder: 'ID', description: 'Which of several deals' },
    offline: { type: 'flag', description: 'Only what is stored here; no relay is asked' },
  },
  example: 'dchat offer receipt 3f9a2c1b --out chairs.receipt',
  run: async ({ offer, out: path, html, deal, offline }, { session, out, globals, signal }) => {
    const { DchatError } = await import('@dchat/sdk/errors')
    if (path === undefined)
      throw new DchatError('usage/invalid-argument', { name: '--out', reason: 'a receipt is written to a file' })
    const { call } = await session()
    const params = { offer, offline, ...(deal === undefined ? {} : { deal }), ...patienceOf(globals) }
    const { offer: id, file } = await call('offer.receipt', params, { signal })
    const bytes = Buffer.from(file, 'base64')
    const { writeNew } = await import('../../io/write-new.ts')
    await writeNew(path, html ? await (await import('@dchat/sdk')).receiptPage(bytes) : bytes)
    await out.result({ offer: id, path, bytes: bytes.length }, `Written to ${path}`)
  },
})
