import { defineCommand } from '../../command/define.ts'
import { readEvidence } from '../../io/read-evidence.ts'
import { Stopped } from '../../io/stop.ts'

const KINDS = {
  'two-entries': 'signed two entries for one place',
  'two-histories': 'signed a place that does not follow from the one before it',
  'time-backwards': 'signed a time before that of an earlier place',
} as const

export const relayVerify = defineCommand({
  name: 'relay verify',
  description:
    'Check the evidence of audits, offline and without an identity: what relays signed and cannot both be true',
  args: {
    files: { description: 'Evidence, as "dchat audit --out" writes it; that of several members together', many: true },
  },
  options: {},
  example: 'dchat relay verify mine.evidence theirs.evidence',
  run: async ({ files }, { out }) => {
    const { verifyEvidence } = await import('@dchat/sdk')
    const { relays, lies } = await verifyEvidence(await Promise.all(files.map(readEvidence)))
    for (const { relayKey, topic, kind, receipts } of lies) {
      const [first, second] = receipts.map(({ seq, time }) => ({ seq, time }))
      await out.item(
        'lie',
        { relay_key: relayKey, topic, kind, receipts: [first, second] },
        `The relay with the key ${relayKey} ${KINDS[kind]} (${second?.seq}) of the log ${topic}.`,
      )
    }
    const count = relays.reduce((sum, { receipts }) => sum + receipts, 0)
    if (lies.length === 0) out.note(`Nothing in ${count} receipts contradicts anything else there.`)
    await out.end({ receipts: count, lies: lies.length })
    if (lies.length > 0) throw new Stopped(6)
  },
})
