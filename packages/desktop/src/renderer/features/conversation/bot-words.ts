import type { BotManifest } from '@dchat/sdk'

const READS = {
  commands: 'commands',
  mentions: 'messages that mention it',
  replies: 'replies to it',
} as const

const listed = new Intl.ListFormat('en', { type: 'conjunction' })

/** What a bot may read, within a sentence. */
export const readWords = ({ read }: Pick<BotManifest, 'read'>): string => {
  if (read === 'all') return 'everything'
  return read.length === 0 ? 'presses of its buttons' : listed.format(read.map((each) => READS[each]))
}

/** Who reads that, honestly: a bot is a program that somebody runs. */
export const runnerWords = ({ read }: Pick<BotManifest, 'read'>): string =>
  read === 'all'
    ? 'Whoever runs this bot can read everything that is written here from when it was let in.'
    : 'Whoever runs this bot can read messages addressed to it, and nothing else: the others are not encrypted to it.'

/** What a bot may do besides, each as a line. */
export const deedWords = ({ send, react, files, members, inline }: BotManifest): readonly string[] => [
  ...(send ? ['Writes messages'] : []),
  ...(react ? ['Reacts to messages'] : []),
  ...(files ? ['Sends files'] : []),
  ...(members ? ['Sees who is here'] : []),
  ...(inline === true ? ['Answers whoever types its name and something behind it, without seeing where'] : []),
]
