import { audit } from '../commands/audit.ts'
import { BOT_COMMANDS, BOT_GROUPS } from '../commands/bot/index.ts'
import { chatsList } from '../commands/chats/list.ts'
import { chatsNotify } from '../commands/chats/notify.ts'
import { chatsArchive, chatsPin } from '../commands/chats/place.ts'
import { configGet, configList, configPath, configSet } from '../commands/config.ts'
import { contactsAdd } from '../commands/contacts/add.ts'
import {
  contactsAllow,
  contactsBlock,
  contactsDeny,
  contactsRequests,
  contactsUnblock,
} from '../commands/contacts/consent.ts'
import { contactsList } from '../commands/contacts/list.ts'
import { contactsRemove, contactsRename, contactsShow } from '../commands/contacts/person.ts'
import { contactsVerify } from '../commands/contacts/verify.ts'
import { deleteMessage } from '../commands/delete.ts'
import { devicesApprove } from '../commands/devices/approve.ts'
import { devicesLink } from '../commands/devices/link.ts'
import { devicesList, devicesRename, devicesRevoke } from '../commands/devices/own.ts'
import { edit } from '../commands/edit.ts'
import { exportCommand } from '../commands/export.ts'
import { forward } from '../commands/forward.ts'
import { groupAccept, groupDecline, groupInvitations, groupLeave } from '../commands/group/belonging.ts'
import { groupCreate } from '../commands/group/create.ts'
import { groupHubs } from '../commands/group/hubs.ts'
import { groupInfo } from '../commands/group/info.ts'
import { groupLift } from '../commands/group/lift.ts'
import { groupList } from '../commands/group/list.ts'
import { groupAdd, groupRemove, groupRole } from '../commands/group/people.ts'
import { groupPicture, groupRename, groupTimer } from '../commands/group/settings.ts'
import { historyFetch, historyStatus } from '../commands/history.ts'
import { importCommand } from '../commands/import.ts'
import { init } from '../commands/init.ts'
import { invite } from '../commands/invite.ts'
import { listen } from '../commands/listen.ts'
import { listingCreate } from '../commands/listing/create.ts'
import { listingEdit } from '../commands/listing/edit.ts'
import { listingList } from '../commands/listing/list.ts'
import { listingClose, listingShow } from '../commands/listing/named.ts'
import { listingGive, listingTake } from '../commands/listing/pass.ts'
import { offerAccept, offerDecline, offerWithdraw } from '../commands/offer/answer.ts'
import { offerCounter } from '../commands/offer/counter.ts'
import { offerList } from '../commands/offer/list.ts'
import { offerMake } from '../commands/offer/make.ts'
import { offerReceipt } from '../commands/offer/receipt.ts'
import { offerSettle } from '../commands/offer/settle.ts'
import { offerShow } from '../commands/offer/show.ts'
import { offerVerify } from '../commands/offer/verify.ts'
import { passphraseRemove } from '../commands/passphrase/remove.ts'
import { passphraseSet } from '../commands/passphrase/set.ts'
import { pin } from '../commands/pin.ts'
import { press } from '../commands/press.ts'
import { profileSet, profileShow } from '../commands/profile.ts'
import { react } from '../commands/react.ts'
import { read } from '../commands/read.ts'
import { relayDoctor } from '../commands/relay/doctor.ts'
import { relayAdd, relayRemove, relayUse } from '../commands/relay/home.ts'
import { relayJoin } from '../commands/relay/join.ts'
import { relayList } from '../commands/relay/list.ts'
import { relayPing } from '../commands/relay/ping.ts'
import { relayServe } from '../commands/relay/serve.ts'
import { relayVerify } from '../commands/relay/verify.ts'
import { restore } from '../commands/restore.ts'
import { search } from '../commands/search.ts'
import { send } from '../commands/send.ts'
import { typing } from '../commands/typing.ts'
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
  search,
  listen,
  react,
  press,
  edit,
  deleteMessage,
  pin,
  forward,
  typing,
  exportCommand,
  importCommand,
  version,
  contactsAdd,
  contactsList,
  contactsShow,
  contactsRename,
  contactsRemove,
  contactsRequests,
  contactsAllow,
  contactsDeny,
  contactsBlock,
  contactsUnblock,
  contactsVerify,
  profileShow,
  profileSet,
  chatsList,
  chatsNotify,
  chatsPin,
  chatsArchive,
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
  groupHubs,
  groupLift,
  groupLeave,
  offerList,
  offerMake,
  offerShow,
  offerCounter,
  offerAccept,
  offerDecline,
  offerWithdraw,
  offerSettle,
  offerReceipt,
  offerVerify,
  listingList,
  listingCreate,
  listingShow,
  listingEdit,
  listingClose,
  listingGive,
  listingTake,
  passphraseSet,
  passphraseRemove,
  configList,
  configGet,
  configSet,
  configPath,
  devicesList,
  devicesLink,
  devicesApprove,
  devicesRename,
  devicesRevoke,
  historyStatus,
  historyFetch,
  ...BOT_COMMANDS,
  relayServe,
  relayJoin,
  relayList,
  relayAdd,
  relayRemove,
  relayUse,
  relayDoctor,
  relayVerify,
  relayPing,
  audit,
]

/** The first words that stand for several commands. */
export const GROUPS: Readonly<Record<string, string>> = {
  contacts: 'The people you know, and who may write to you',
  profile: 'What you tell of yourself',
  chats: 'Your conversations',
  group: 'Groups: who is in, in which role, and how they are set',
  offer: 'Trade offers: what was proposed, answered and agreed, with receipts',
  listing: 'What you sell: prices, stock, and what is left of it',
  passphrase: 'What locks the profile on this computer',
  config: 'What you set, on all of your devices and on this machine',
  devices: 'Your own devices: link a new one, name one, revoke one that is lost',
  history: 'What was said before this device was there',
  ...BOT_GROUPS,
  relay: 'Your home relays; run a relay, or try one',
}
