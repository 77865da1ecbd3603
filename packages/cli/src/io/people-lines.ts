import type { PersonView, ProfileView, RequestView } from '../methods/people-types.ts'
import type { Style } from './text.ts'
import { localTime, oneLine, shortened } from './text.ts'

export const requestFields = ({ at, ...request }: RequestView): object => ({
  ...request,
  at: new Date(at).toISOString(),
})

/** Nothing of what a stranger calls themselves is to be believed, so the address stands beside it. */
export const requestText = ({ chat, kind, from, name, title, people, at }: RequestView, style: Style): string => {
  const who = `${style.bold(name === undefined ? shortened(from) : oneLine(name))} (${from})`
  const what =
    kind === 'group' ? `asks you into "${oneLine(title ?? '')}" (${people ?? 0} people)` : 'wants to write to you'
  return `${style.dim(localTime(at))}  * ${who} ${what}\t${chat}`
}

/** The picture as type and size. */
export const profileFields = ({ picture, ...profile }: ProfileView): object => ({
  ...profile,
  ...(picture === undefined
    ? {}
    : { picture: { media_type: picture.mediaType, size: Buffer.from(picture.data, 'base64').length } }),
})

export const profileRows = ({ name, about, picture }: ProfileView): readonly string[] => [
  ...(name === undefined ? [] : [`name     ${oneLine(name)}`]),
  ...(about === undefined ? [] : [`about    ${oneLine(about)}`]),
  ...(picture === undefined ? [] : [`picture  ${picture.mediaType}`]),
]

export const personFields = ({ isContact, safetyNumber, profile, ...person }: PersonView): object => ({
  ...person,
  is_contact: isContact,
  ...(profile === undefined ? {} : { profile: profileFields(profile) }),
  ...(safetyNumber === undefined ? {} : { safety_number: safetyNumber }),
})

const VERIFIED: Readonly<Record<string, string>> = {
  verified: 'yes, you compared the safety number',
  changed: 'NO LONGER: the keys were replaced since you compared the safety number',
  unverified: 'no',
}

export const personText = (person: PersonView, style: Style): string => {
  const { address, title, isContact, consent, verification, frozen, nickname, profile, relays, safetyNumber } = person
  return [
    style.bold(oneLine(title)),
    `address  ${address}`,
    ...(nickname === undefined ? [] : [`nickname ${oneLine(nickname)}`]),
    ...(profile === undefined ? [] : profileRows(profile)),
    `contact  ${isContact ? 'yes' : 'no'}`,
    `consent  ${consent}`,
    `verified ${VERIFIED[verification] ?? verification}`,
    ...(frozen ? ['frozen   this identity has two histories that contradict each other'] : []),
    ...relays.map((relay) => `relay    ${relay}`),
    ...(safetyNumber === undefined ? [] : [`number   ${safetyNumber}`]),
  ].join('\n')
}
