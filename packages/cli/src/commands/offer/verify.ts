import { readFile } from 'node:fs/promises'
import { DchatError } from '@dchat/sdk/errors'
import { defineCommand } from '../../command/define.ts'
import { verifiedFields, verifiedText } from '../../io/receipt-lines.ts'

/** Bytes; no receipt is larger. */
const LIMIT = 64 * 1024 * 1024

const readReceipt = async (path: string): Promise<Uint8Array> => {
  try {
    const bytes = await readFile(path)
    if (bytes.length <= LIMIT) return bytes
  } catch (cause) {
    throw new DchatError(
      'storage/unavailable',
      { store: path, reason: 'it cannot be read' },
      { cause, hint: 'Name a receipt that "dchat offer receipt" wrote.' },
    )
  }
  throw new DchatError('offer/bad-receipt', { field: 'file', reason: 'it is too large' })
}

export const offerVerify = defineCommand({
  name: 'offer verify',
  description: 'Check a receipt, offline and without an identity: who agreed on what, and whose word the times are',
  args: {
    file: { description: 'A receipt, as "dchat offer receipt" writes it' },
    beside: {
      description: "Others' receipts of the same conversation: a relay that told them something else is named",
      optional: true,
      many: true,
    },
  },
  options: {},
  example: 'dchat offer verify chairs.receipt',
  run: async ({ file, beside }, { out }) => {
    const { verifyReceipt } = await import('@dchat/sdk')
    const others = await Promise.all(beside.map(readReceipt))
    const verified = await verifyReceipt(await readReceipt(file), { beside: others })
    await out.result(verifiedFields(verified), verifiedText(verified, out.style))
  },
})
