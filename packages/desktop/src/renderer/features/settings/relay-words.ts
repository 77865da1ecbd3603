import type { RelayHealth, RelayUrl } from '@dchat/sdk'

/** What a state of a relay means, and how it is shown. */
interface Shown {
  readonly word: string
  readonly tone: 'agreed' | 'attention' | 'neutral'
}

const STATES: Readonly<Record<RelayHealth['state'], Shown>> = {
  idle: { word: 'Not used now', tone: 'neutral' },
  connecting: { word: 'Connecting', tone: 'neutral' },
  ready: { word: 'Connected', tone: 'agreed' },
  waiting: { word: 'Not reachable', tone: 'attention' },
  closed: { word: 'Closed', tone: 'neutral' },
}

export const stateOf = ({ state, faults, uninvited }: RelayHealth): Shown => {
  if (faults.length > 0) return { word: 'Caught lying', tone: 'attention' }
  return uninvited ? { word: 'Asks for an invitation', tone: 'attention' } : STATES[state]
}

const roleOf = ({ home, left }: RelayHealth, place: number): string => {
  if (home) return place === 0 ? 'First: keeps your new conversations' : 'Also reads and keeps what is sent to you'
  return left ? 'You left it; what still arrives there is read for a month' : 'Keeps a conversation of yours'
}

/** Role, then what was measured: `12 ms, up 99.8 % of the time, protocol 1`. */
export const healthOf = (relay: RelayHealth, place: number): string => {
  const { roundTrip, uptime, version } = relay
  const measured = [
    ...(roundTrip === undefined ? [] : [`${roundTrip < 10 ? roundTrip.toFixed(1) : Math.round(roundTrip)} ms`]),
    ...(uptime === undefined ? [] : [`up ${Math.round(uptime * 1_000) / 10} % of the time`]),
    ...(version === undefined ? [] : [`protocol ${version}`]),
  ]
  return [roleOf(relay, place), ...(measured.length === 0 ? [] : [measured.join(', ')])].join('. ')
}

/** What it means where a home relay does not answer; undefined while all do. */
export const troubleOf = (homes: readonly RelayHealth[]): string | undefined => {
  const away = homes.filter(({ state }) => state === 'waiting')
  if (away.length === 0) return undefined
  if (away.length < homes.length)
    return 'One of your home relays cannot be reached. Nothing is lost: the others do its work. If it stays away, leave it.'
  return homes.length === 1
    ? 'Your home relay cannot be reached. What you write waits here. If it is gone for good, add another one.'
    : 'None of your home relays can be reached. What you write waits here. If they are gone for good, add another one.'
}

/** A home relay that takes people by invitation and does not know this one, and what that means; undefined while all do. */
export const refusalOf = (
  homes: readonly RelayHealth[],
): { readonly relay: RelayUrl; readonly text: string } | undefined => {
  const relay = homes.find(({ uninvited }) => uninvited)?.relay
  if (relay === undefined) return undefined
  const name = homes.length === 1 ? 'Your home relay' : relay
  const then = homes.every(({ uninvited }) => uninvited)
    ? 'What you write waits here.'
    : 'Your other home relays do its work.'
  return { relay, text: `${name} takes people by invitation and does not know you yet. ${then}` }
}
