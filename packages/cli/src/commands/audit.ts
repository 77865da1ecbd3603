import { patienceOf } from '../command/common.ts'
import { defineCommand } from '../command/define.ts'
import { Stopped } from '../io/stop.ts'
import { oneLine } from '../io/text.ts'
import type { FindingView } from '../methods/relay-types.ts'

const weight = ({ proof, hearsay }: FindingView): string => (proof ? 'proof' : hearsay ? 'hearsay' : 'seen')

export const audit = defineCommand({
  name: 'audit',
  description: "Read a conversation's log again and name every entry by which its relay broke a rule",
  args: { chat: { description: 'A contact name, address, group name or conversation id' } },
  options: {
    out: {
      type: 'text',
      placeholder: 'FILE',
      description: 'Write what the relay signed; "dchat relay verify" checks it, offline',
    },
  },
  example: 'dchat audit bob --out bob.evidence',
  run: async ({ chat, out: path }, { session, out, globals, signal }) => {
    const { call } = await session()
    const { conversation, topics, findings, evidence } = await call(
      'audit',
      { chat, ...patienceOf(globals) },
      { signal },
    )
    if (path !== undefined) {
      const { writeNew } = await import('../io/write-new.ts')
      await writeNew(path, Buffer.from(evidence, 'base64'))
    }
    for (const topic of topics) {
      const { relay, relayKey, entries, read, problem } = topic
      const text = problem === undefined ? `${entries} entries checked` : `not checked to its end: ${problem}`
      await out.item(
        'log',
        { relay, relay_key: relayKey, topic: topic.topic, entries, read, problem },
        `${relay}\t${text}`,
      )
    }
    for (const finding of findings) {
      const { relay, code, seq, message, proof, hearsay, at } = finding
      const place = seq === undefined ? '' : `entry ${seq}: `
      await out.item(
        'finding',
        { relay, code, seq, message, proof, hearsay, at },
        `${code}\t${weight(finding)}\t${place}${oneLine(message)}`,
      )
    }
    if (findings.length === 0) out.note('Nothing was found.')
    await out.end({ conversation, findings: findings.length, ...(path === undefined ? {} : { path }) })
    if (findings.length > 0) throw new Stopped(6)
  },
})
