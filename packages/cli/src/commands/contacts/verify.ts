import { PERSON } from '../../command/common.ts'
import { defineCommand } from '../../command/define.ts'
import { invalid } from '../../command/text-argument.ts'

export const contactsVerify = defineCommand({
  name: 'contacts verify',
  description: 'Show the safety number of you two, or compare it with the one that they see',
  args: {
    person: { description: PERSON },
    number: { description: 'The digits or the QR text from the other side', optional: true },
  },
  options: {
    same: { type: 'flag', description: 'You compared it with them yourself, and it is the same' },
    off: { type: 'flag', description: 'Take back that they are verified' },
  },
  example: 'dchat contacts verify bob',
  run: async ({ person, number, same, off }, { session, out, signal }) => {
    if ([number !== undefined, same, off].filter(Boolean).length > 1)
      throw invalid('number', 'give either the number, or --same, or --off')
    const { call } = await session()
    const compared = number === undefined ? {} : { compared: number }
    const done = await call('contacts.verify', { person, ...compared, same, off }, { signal })
    const { digits, qr, verification } = done
    const said = same || number !== undefined ? 'It is the same: verified.' : `They are ${verification}.`
    await out.result(done, `${digits}\n${qr}\n${said}`)
  },
})
