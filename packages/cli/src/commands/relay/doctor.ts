import { DchatError } from '@dchat/sdk/errors'
import { defineCommand } from '../../command/define.ts'
import { Stopped } from '../../io/stop.ts'

export const relayDoctor = defineCommand({
  name: 'relay doctor',
  description: 'Find out why a relay does not work from here: one line that says what is wrong and what to do',
  args: { url: { description: 'Default: the first relay of the profile', optional: true } },
  options: {
    key: { type: 'text', placeholder: 'HEX', description: 'The key that the relay has to have' },
    for: {
      type: 'text',
      placeholder: 'ADDRESS',
      description: 'Whose home it should be, where it takes people by invitation',
    },
  },
  example: 'dchat relay doctor wss://relay.example',
  run: async ({ url, key, for: person }, context) => {
    const { out, signal, globals } = context
    const named = url ?? (await context.relays())[0]
    if (named === undefined)
      throw new DchatError('usage/invalid-argument', {
        name: 'url',
        reason: 'it is missing, and the profile names no relay',
      })
    const { parseAddress } = await import('@dchat/sdk')
    const { diagnoseRelay } = await import('../../session/diagnose-relay.ts')
    const found = await diagnoseRelay(named, {
      timeout: globals.timeout ?? 10_000,
      signal,
      ...(key === undefined ? {} : { key }),
      ...(person === undefined ? {} : { address: parseAddress(person) }),
    })
    const { relay, ailment, text, relayKey, program, version, roundTrip, ahead } = found
    const fields = {
      relay,
      works: ailment === undefined,
      ailment,
      text,
      relay_key: relayKey,
      program,
      version,
      round_trip: roundTrip,
      ahead,
    }
    await out.result(fields, text)
    if (ailment !== undefined) throw new Stopped(1)
  },
})
