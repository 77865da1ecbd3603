import type { ArchiveView, ProgressView } from '../methods/history-types.ts'

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`

/** JSON, field names as in the output contract. */
export const progressFields = ({ state, from, messages, total, since }: ProgressView): object => ({
  state,
  ...(from === undefined ? {} : { from }),
  messages,
  ...(total === undefined ? {} : { total }),
  ...(since === undefined ? {} : { since: new Date(since).toISOString() }),
})

const SOURCES = { device: 'another device of yours', archive: 'the archive' } as const

export const progressText = ({ state, from, messages, total }: ProgressView): string => {
  const so = total === undefined ? count(messages, 'message') : `${messages} of ${count(total, 'message')}`
  switch (state) {
    case 'idle':
      return 'This device was there from the beginning, or has all that it asked for.'
    case 'waiting':
      return 'Waits for the archive, or for another device of yours.'
    case 'receiving':
      return `Takes the past from ${SOURCES[from ?? 'archive']}: ${so}.`
    case 'done':
      return `The past is here: ${count(messages, 'message')}.`
    case 'nothing-there':
      return 'Nobody has kept anything of the past.'
  }
}

const size = (bytes: number): string =>
  bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`

export const archiveText = ({ bodies, bytes, messages, behind, full }: ArchiveView): string => {
  if (!bodies) return 'Messages are not kept in the archive (dchat config set archive-bodies on).'
  const rest = behind === 0 ? '' : `, ${behind} still to come`
  const room = full ? '\nA home relay has no more room.' : ''
  return `In the archive: ${count(messages, 'message')}, ${size(bytes)} at each home relay${rest}.${room}`
}
