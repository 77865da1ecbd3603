import type { Address, Client, Contact, Conversation, GroupInfo, Invitation, Picture } from '@dchat/sdk'
import type { GroupView, PictureView } from './group-types.ts'
import type { ChatView, ContactView, InvitationView } from './types.ts'

export const contactView = ({ address, name, relays, addedAt }: Contact): ContactView => ({
  address,
  ...(name === undefined ? {} : { name }),
  relays,
  addedAt,
})

export const chatView = ({ id, kind, peer, title, timer, state, unread, lastMessage }: Conversation): ChatView => ({
  id,
  kind,
  ...(peer === undefined ? {} : { peer }),
  ...(title === undefined ? {} : { title }),
  ...(timer === undefined ? {} : { timer }),
  state,
  unread,
  ...(lastMessage === undefined ? {} : { last: { ...lastMessage } }),
})

export const invitationView = async (
  client: Pick<Client, 'contacts'>,
  invitation: Invitation,
): Promise<InvitationView> => {
  const { conversation, from, name: title, people, at } = invitation
  const name = (await client.contacts.find(from))?.name
  return { chat: conversation, from, ...(name === undefined ? {} : { name }), title, people, at }
}

const pictureView = ({ mediaType, bytes }: Picture): PictureView => ({
  mediaType,
  data: Buffer.from(bytes).toString('base64'),
})

export const groupView = (self: Address, { members, picture, ...info }: GroupInfo): GroupView => ({
  ...info,
  members: members.map((member) => ({ ...member, own: member.address === self })),
  ...(picture === undefined ? {} : { picture: pictureView(picture) }),
})
