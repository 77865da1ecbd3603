import { chatsList } from '../commands/chats/list.ts'
import { contactsAdd } from '../commands/contacts/add.ts'
import { contactsList } from '../commands/contacts/list.ts'
import { init } from '../commands/init.ts'
import { invite } from '../commands/invite.ts'
import { listen } from '../commands/listen.ts'
import { read } from '../commands/read.ts'
import { relayPing } from '../commands/relay/ping.ts'
import { relayServe } from '../commands/relay/serve.ts'
import { restore } from '../commands/restore.ts'
import { send } from '../commands/send.ts'
import { version } from '../commands/version.ts'
import { whoami } from '../commands/whoami.ts'
import type { Command } from './define.ts'

/** Every command there is, in the order of the help text. */
export const COMMANDS: readonly Command[] = [
  init,
  restore,
  whoami,
  invite,
  send,
  read,
  listen,
  version,
  contactsAdd,
  contactsList,
  chatsList,
  relayServe,
  relayPing,
]

/** The first words that stand for several commands. */
export const GROUPS: Readonly<Record<string, string>> = {
  contacts: 'The people you know',
  chats: 'Your conversations',
  relay: 'Run or try a relay',
}
