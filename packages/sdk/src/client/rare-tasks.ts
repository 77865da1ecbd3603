import type { Address } from '../records/ids.ts'
import { archiveRoom } from './archive.ts'
import { lookAgain } from './backup/look-again.ts'
import { carryPost } from './bots/channel.ts'
import { keepChannels } from './bots/keep-channels.ts'
import type { Core } from './core.ts'
import { bringIn } from './devices/bring-in.ts'
import { afterRevocation } from './devices/revoke.ts'
import { askDevice } from './history/ask-device.ts'
import { copyArchive } from './history/copy-archive.ts'
import { giveHistory } from './history/give.ts'
import { catchUp } from './history/progress.ts'
import { readArchive } from './history/read-archive.ts'
import type { JobOutcome } from './jobs.ts'
import { keepBooks } from './listings/books.ts'
import { sell } from './listings/sell.ts'
import { passListing } from './listings/take-over.ts'
import { tellLeft } from './listings/tell-left.ts'
import { openSelf } from './personal/self-room.ts'
import { answerAsk, shareRegisters } from './personal/share.ts'
import type { JobRecord } from './records.ts'
import { leaveRelay } from './relays/follow-home.ts'
import { publishLog } from './relays/publish-log.ts'
import { tellLog } from './relays/tell-log.ts'
import { addPeopleLater } from './rooms/add-people.ts'
import { admitDevice, askToJoin, removeRevoked, updateLeaf } from './rooms/admit.ts'
import { announceHandover } from './rooms/announce-handover.ts'
import { approve } from './rooms/approve.ts'
import { removeLeft } from './rooms/change-room.ts'
import { renewCommitKey } from './rooms/commit-key.ts'
import { handOver } from './rooms/handover.ts'
import { openGroup } from './rooms/open-group.ts'
import { redo } from './rooms/redo.ts'
import { rejoinByOffer } from './rooms/rejoin.ts'
import { repairRoom } from './rooms/repair.ts'
import { replaceLeaf } from './rooms/replace-leaf.ts'
import type { Rooms } from './rooms/rooms.ts'
import { takeWelcome } from './rooms/take-welcome.ts'

/** Work that whoever writes a first message does not wait for. */
export type RareJob = Exclude<JobRecord, { readonly kind: 'open-dm' | 'post' }>

/** What the rarer of the durable jobs do. */
export const rareTask = async (core: Core, rooms: Rooms, job: RareJob): Promise<JobOutcome> => {
  switch (job.kind) {
    case 'publish-log':
      return publishLog(core)
    case 'refresh':
      return refresh(core, job.address)
    case 'leave-relay':
      return leaveRelay(core, job.relay)
    case 'copy-archive':
      return copyArchive(core, job.relay)
    case 'tell-log':
      return tellLog(core, rooms)
    case 'admit':
      return admitDevice(core, rooms, job)
    case 'join':
      return takeWelcome(core, rooms, job.from, job.pointer)
    case 'rejoin':
      return rejoinByOffer(core, rooms, job.from, job.offer)
    case 'ask':
      return askToJoin(core, rooms, job)
    case 'update':
      return updateLeaf(core, rooms, job.room)
    case 'replace-leaf':
      return replaceLeaf(core, rooms, job.room)
    case 'bring-in':
      return bringIn(core, rooms, job.deviceKey)
    case 'revoked':
      return afterRevocation(core, job.deviceKey)
    case 'remove-revoked':
      return removeRevoked(core, rooms, job.room)
    case 'remove-left':
      return removeLeft(rooms, job)
    case 'open-group':
      return openGroup(core, rooms, job)
    case 'add-people':
      return addPeopleLater(core, rooms, job)
    case 'repair':
      return repairRoom(core, rooms, job.room)
    case 'handover':
      return handOver(core, rooms, job)
    case 'announce':
      return announceHandover(core, rooms, job)
    case 'approve':
      return approve(core, rooms, job)
    case 'commit-key':
      return renewCommitKey(core, rooms, job.room)
    case 'remove-again':
      return redo(core, rooms, job)
    case 'archive':
      return archiveRoom(core, job.room)
    case 'look-again':
      return lookAgain(core, rooms, job.room)
    case 'read-archive':
      return readArchive(core)
    case 'catch-up':
      return core.store.write((tx) => catchUp(tx, core.clock.now()))
    case 'ask-history':
      return askDevice(core, rooms)
    case 'give':
      return giveHistory(core, rooms, job)
    case 'sell':
      return sell(core, rooms, job)
    case 'left':
      return tellLeft(core, rooms, job.listing)
    case 'books':
      return keepBooks(core, job.listing)
    case 'pass':
      return passListing(core, rooms, job.listing)
    case 'open-self':
      return openSelf(core, rooms)
    case 'share':
      return shareRegisters(core, rooms)
    case 'channels':
      return keepChannels(core, rooms, job.room)
    case 'carry':
      return carryPost(core, rooms, job)
    case 'answer':
      return answerAsk(core, rooms, job)
  }
}

/** Somebody names a log that is not known here: one relay that withholds it must not be the only one asked. */
const refresh = async ({ directory, self, signal }: Core, address: Address): Promise<void> => {
  await directory.lookUp(address, { hints: [], home: self.relays }, { signal, everywhere: true })
}
