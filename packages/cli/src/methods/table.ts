import type { z } from 'zod'
import type { Dispatcher } from '../rpc/serve.ts'
import { edit, forward, pin, react, remove } from './actions.ts'
import { botManifest, installBot, listBots, removeBot } from './bots.ts'
import { setChat } from './chats.ts'
import { addContact, listChats, listContacts } from './contacts.ts'
import * as devices from './devices.ts'
import type { Engine } from './engine.ts'
import { events } from './events.ts'
import { exportBackup } from './export.ts'
import {
  accept,
  add,
  create,
  decline,
  hubs,
  info,
  invitations,
  leave,
  liftApproval,
  removePeople,
  rename,
  setPicture,
  setRole,
  setTimer,
} from './groups.ts'
import { fetchHistory, historyStatus } from './history.ts'
import { acknowledge, listen } from './listen.ts'
import {
  closeListing,
  createListing,
  editListing,
  giveListing,
  listListings,
  showListing,
  takeListing,
} from './listings.ts'
import { answerOffer, counterOffer, listOffers, makeOffer, offerReceipt, settleOffer, showOffer } from './offers.ts'
import { PARAMS, parseParams } from './params.ts'
import * as people from './people.ts'
import { press } from './press.ts'
import { markRead, read } from './read.ts'
import { addHome, audit, joinRelay, listRelays, removeHome, useHome } from './relays.ts'
import { search } from './search.ts'
import { send } from './send.ts'
import { getSettings, setSettings } from './settings.ts'
import { signals, typing } from './signals.ts'
import type { CallName, Calls, Service, StreamName, Streams } from './types.ts'

type Schema<K extends keyof typeof PARAMS> = z.infer<(typeof PARAMS)[K]>

type CallTable = {
  readonly [K in CallName]: (engine: Engine, params: Schema<K>, signal: AbortSignal) => Promise<Calls[K]['result']>
}
type StreamTable = {
  readonly [K in StreamName]: (
    engine: Engine,
    params: Schema<K>,
    signal: AbortSignal,
  ) => AsyncIterable<Streams[K]['item']>
}

/** Method = command name. One table for the process that owns the store and for those that attach to it. */
const CALLS: CallTable = {
  whoami: async ({ client }) => ({ address: client.address, device: client.device, relays: client.relays() }),
  invite: async ({ client }) => ({ link: client.invite() }),
  'contacts.add': addContact,
  'contacts.rename': people.rename,
  'contacts.remove': people.remove,
  'contacts.show': people.show,
  'contacts.allow': people.allow,
  'contacts.deny': people.deny,
  'contacts.block': people.block,
  'contacts.unblock': people.unblock,
  'contacts.verify': people.verify,
  'profile.show': people.showProfile,
  'profile.set': people.setProfile,
  send: (engine, params, signal) => send(engine, params, signal),
  react,
  press,
  edit,
  delete: remove,
  pin,
  forward,
  'group.create': create,
  'group.add': add,
  'group.remove': removePeople,
  'group.leave': leave,
  'group.rename': rename,
  'group.role': setRole,
  'group.picture': setPicture,
  'group.timer': setTimer,
  'group.hubs': hubs,
  'group.lift': liftApproval,
  'group.info': info,
  'group.accept': accept,
  'group.decline': decline,
  'bot.install': installBot,
  'bot.remove': removeBot,
  'bot.manifest': botManifest,
  'listing.create': createListing,
  'listing.edit': editListing,
  'listing.show': showListing,
  'listing.close': closeListing,
  'listing.give': giveListing,
  'listing.take': takeListing,
  'offer.make': makeOffer,
  'offer.counter': counterOffer,
  'offer.answer': answerOffer,
  'offer.settle': settleOffer,
  'offer.show': showOffer,
  'offer.receipt': offerReceipt,
  'chats.set': setChat,
  typing,
  'config.get': getSettings,
  'config.set': setSettings,
  'relay.add': addHome,
  'relay.remove': removeHome,
  'relay.use': useHome,
  'devices.rename': devices.renameDevice,
  'devices.revoke': devices.revokeDevice,
  'devices.find': devices.findDevice,
  'devices.approve': devices.approveDevice,
  'devices.refuse': devices.refuseDevice,
  'history.status': historyStatus,
  'read.mark': markRead,
  'listen.ack': acknowledge,
  audit,
  'relay.join': joinRelay,
}

const STREAMS: StreamTable = {
  'contacts.list': listContacts,
  'contacts.requests': people.requests,
  'chats.list': listChats,
  read: (engine, params, signal) => read(engine, params, signal),
  search: (engine, params, signal) => search(engine, params, signal),
  listen: (engine, params, signal) => listen(engine, params, signal),
  export: exportBackup,
  'listen.events': events,
  'listen.signals': signals,
  'group.invitations': invitations,
  'bot.list': listBots,
  'listing.list': listListings,
  'offer.list': listOffers,
  'devices.list': devices.listDevices,
  'history.fetch': fetchHistory,
  'relay.list': listRelays,
}

const isCall = (method: string): method is CallName => Object.hasOwn(CALLS, method)
const isStream = (method: string): method is StreamName => Object.hasOwn(STREAMS, method)

const runCall = async <M extends CallName>(
  engine: Engine,
  method: M,
  params: unknown,
  signal: AbortSignal,
): Promise<unknown> => {
  // The schema of a name and the method of that name agree by the table's type; TypeScript does not follow a union there.
  const run = CALLS[method] as (engine: Engine, params: unknown, signal: AbortSignal) => Promise<unknown>
  return run(engine, parseParams<unknown>(PARAMS[method], params), signal)
}

async function* runStream<M extends StreamName>(
  engine: Engine,
  method: M,
  params: unknown,
  signal: AbortSignal,
): AsyncGenerator<unknown> {
  const run = STREAMS[method] as (engine: Engine, params: unknown, signal: AbortSignal) => AsyncIterable<unknown>
  yield* run(engine, parseParams<unknown>(PARAMS[method], params), signal)
}

export const createDispatcher = (engine: Engine): Dispatcher => ({
  kind: (method) => (isCall(method) ? 'call' : isStream(method) ? 'stream' : undefined),
  call: async (method, params, signal) => {
    if (!isCall(method)) throw new TypeError('not a call')
    return runCall(engine, method, params, signal)
  },
  stream: (method, params, signal) => {
    if (!isStream(method)) throw new TypeError('not a stream')
    return runStream(engine, method, params, signal)
  },
})

/** The same methods without a socket between, under the owner's own signal. */
export const inProcess = (dispatcher: Dispatcher, owner: AbortSignal): Service => {
  const both = (signal: AbortSignal | undefined): AbortSignal =>
    signal === undefined ? owner : AbortSignal.any([owner, signal])
  return {
    call: (method, params, options) =>
      dispatcher.call(method, params, both(options?.signal)) as ReturnType<Service['call']> as never,
    stream: (method, params, options) => dispatcher.stream(method, params, both(options?.signal)) as never,
  }
}
