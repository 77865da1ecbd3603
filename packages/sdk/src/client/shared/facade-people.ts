import type { Contacts, Profiles } from '../client.ts'
import type { Desk } from './desk.ts'
import { plain } from './plain.ts'

export const sharedContacts = (desk: Desk): Contacts => ({
  add: (addressOrInvite, options) => desk.call('contacts.add', [addressOrInvite, plain(options)], options),
  find: (nameOrAddress) => desk.call('contacts.find', [nameOrAddress]),
  list: () => desk.call('contacts.list', []),
  remove: (address) => desk.call('contacts.remove', [address]),
  rename: (address, name) => desk.call('contacts.rename', [address, name]),
  person: (address) => desk.call('contacts.person', [address]),
  requests: () => desk.call('contacts.requests', []),
  allow: (address) => desk.call('contacts.allow', [address]),
  deny: (address) => desk.call('contacts.deny', [address]),
  block: (address) => desk.call('contacts.block', [address]),
  unblock: (address) => desk.call('contacts.unblock', [address]),
  safetyNumber: (address) => desk.call('contacts.safetyNumber', [address]),
  verify: (address, compared) => desk.call('contacts.verify', [address, compared]),
  unverify: (address) => desk.call('contacts.unverify', [address]),
})

export const sharedProfiles = (desk: Desk): Profiles => ({
  mine: () => desk.call('profiles.mine', []),
  set: (changes) => desk.call('profiles.set', [changes]),
  get: (address) => desk.call('profiles.get', [address]),
})
