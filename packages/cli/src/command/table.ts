import { chatsList } from '../commands/chats/list.ts'
import { contactsAdd } from '../commands/contacts/add.ts'
import { contactsList } from '../commands/contacts/list.ts'
import { deleteMessage } from '../commands/delete.ts'
import { edit } from '../commands/edit.ts'
import { forward } from '../commands/forward.ts'
import { groupAccept, groupDecline, groupInvitations, groupLeave } from '../commands/group/belonging.ts'
import { groupCreate } from '../commands/group/create.ts'
import { groupInfo } from '../commands/group/info.ts'
import { groupList } from '../commands/group/list.ts'
import { groupAdd, groupRemove, groupRole } from '../commands/group/people.ts'
import { groupPicture, groupRename, groupTimer } from '../commands/group/settings.ts'
import { init } from '../commands/init.ts'
import { invite } from '../commands/invite.ts'
import { listen } from '../commands/listen.ts'
import { pin } from '../commands/pin.ts'
import { react } from '../commands/react.ts'
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
  react,
  edit,
  deleteMessage,
  pin,
  forward,
  version,
  contactsAdd,
  contactsList,
  chatsList,
  groupList,
  groupCreate,
  groupInfo,
  groupInvitations,
  groupAccept,
  groupDecline,
  groupAdd,
  groupRemove,
  groupRole,
  groupRename,
  groupPicture,
  groupTimer,
  groupLeave,
  relayServe,
  relayPing,
]

/** The first words that stand for several commands. */
export const GROUPS: Readonly<Record<string, string>> = {
  contacts: 'The people you know',
  chats: 'Your conversations',
  group: 'Groups: who is in, in which role, and how they are set',
  relay: 'Run or try a relay',
}
