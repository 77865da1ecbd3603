import type { Address, Client, Contact, Conversation, GroupInfo, Invitation } from '@dchat/sdk'
import type { GroupView } from './group-types.ts'
import { pictureView } from './pictures.ts'
import type { ChatView, ContactView, InvitationView } from './types.ts'

export const contactView = ({ address, name, relays, addedAt }: Contact): ContactView => ({
  address,
  ...(name === undefined ? {} : { name }),
  relays,
  addedAt,
})

export const chatView = (conversation: Conversation): ChatView => {
  const { id, kind, peer, title, timer, state, unread, lastMessage, pinned, archived, notify, draft } = conversation
  return {
    id,
    kind,
    ...(peer === undefined ? {} : { peer }),
    ...(title === undefined ? {} : { title }),
    ...(timer === undefined ? {} : { timer }),
    state,
    unread,
    ...(lastMessage === undefined ? {} : { last: { ...lastMessage } }),
    ...(pinned && { pinned }),
    ...(archived && { archived }),
    ...(notify && { notify: { ...notify } }),
    ...(draft && { draft: draft.text }),
  }
}

export const invitationView = async (
  client: Pick<Client, 'contacts'>,
  invitation: Invitation,
): Promise<InvitationView> => {
  const { conversation, from, name: title, people, at } = invitation
  const { nickname, profile, isContact } = await client.contacts.person(from)
  const chosen = profile?.name === undefined || isContact ? profile?.name : `~${profile.name}`
  const name = nickname ?? chosen
  return { chat: conversation, from, ...(name === undefined ? {} : { name }), title, people, at }
}

export const groupView = (self: Address, { members, picture, ...info }: GroupInfo): GroupView => ({
  ...info,
  members: members.map((member) => ({ ...member, own: member.address === self })),
  ...(picture === undefined ? {} : { picture: pictureView(picture) }),
})
