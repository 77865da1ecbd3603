import { MARK } from './secrecy.ts'
import { type Invariant, type MessageSight, spotName } from './sight.ts'

const SAID = new RegExp(`${MARK} [a-z]+ [0-9.]+ by ([a-z]+)/`)

/** Whoever a message is shown from wrote it: in simulations every text names its author. `personOf`: name by address. */
export const trueAuthors = (personOf: (address: string) => string | undefined): Invariant => ({
  name: 'true authors',
  look: ({ device, fresh }) => fresh.messages.flatMap((message) => problem(device, message, personOf(message.from))),
})

const problem = (
  device: string,
  { shown, spot, isNotice }: MessageSight,
  from: string | undefined,
): readonly string[] => {
  const author = isNotice || shown.includes('"forwarded":true') ? undefined : SAID.exec(shown)?.[1]
  if (author === undefined || from === undefined || author === from) return []
  return [
    `${device} shows what ${author} wrote as from ${from}, at ${spot === undefined ? 'no place' : spotName(spot)}`,
  ]
}
