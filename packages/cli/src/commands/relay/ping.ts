import { DchatError } from '@dchat/sdk/errors'
import { defineCommand } from '../../command/define.ts'

const DEFAULT_COUNT = 4

export const relayPing = defineCommand({
  name: 'relay ping',
  description: 'Try a relay: what it is, and how long it takes to answer',
  args: { url: { description: 'Default: the first relay of the profile', optional: true } },
  options: {
    count: {
      type: 'whole',
      placeholder: 'N',
      min: 1,
      max: 10_000,
      description: `How many times (default: ${DEFAULT_COUNT})`,
    },
  },
  example: 'dchat relay ping wss://relay.example',
  run: async ({ url, count = DEFAULT_COUNT }, context) => {
    const { out, signal, globals } = context
    const named = url ?? (await context.relays())[0]
    if (named === undefined)
      throw new DchatError('usage/invalid-argument', {
        name: 'url',
        reason: 'it is missing, and the profile names no relay',
      })
    const { pingRelay } = await import('../../session/ping-relay.ts')
    const times: number[] = []
    const options = { count, timeout: globals.timeout ?? 10_000, signal }
    for await (const { relay, version, ms } of pingRelay(named, options)) {
      times.push(ms)
      await out.item('ping', { relay, version, ms }, `${relay}  ${version}  ${ms.toFixed(2)} ms`)
    }
    await out.end({ count: times.length, fastest: Math.min(...times) })
  },
})
