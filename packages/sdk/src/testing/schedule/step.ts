import type { Role } from '../../records/group.ts'
import type { Faults } from '../sim/types.ts'

/** What somebody on a device does in a conversation. `chat` is the label of the step that made it. */
export type Deed =
  | { readonly do: 'group'; readonly by: string; readonly chat: string; readonly people: readonly string[] }
  | { readonly do: 'direct'; readonly by: string; readonly to: string }
  | { readonly do: 'send'; readonly by: string; readonly chat: string; readonly count: number }
  /** `message` picks among what the device has: the remainder by their number. */
  | { readonly do: 'reply'; readonly by: string; readonly chat: string; readonly message: number }
  | {
      readonly do: 'react'
      readonly by: string
      readonly chat: string
      readonly message: number
      readonly emoji: string
    }
  | {
      readonly do: 'unreact'
      readonly by: string
      readonly chat: string
      readonly message: number
      readonly emoji: string
    }
  | { readonly do: 'edit'; readonly by: string; readonly chat: string; readonly message: number }
  | {
      readonly do: 'delete'
      readonly by: string
      readonly chat: string
      readonly message: number
      readonly own: boolean
    }
  | {
      readonly do: 'forward'
      readonly by: string
      readonly chat: string
      readonly message: number
      readonly to: string
    }
  | { readonly do: 'pin'; readonly by: string; readonly chat: string; readonly message: number }
  | { readonly do: 'unpin'; readonly by: string; readonly chat: string; readonly message: number }
  | { readonly do: 'read'; readonly by: string; readonly chat: string }
  | { readonly do: 'rename'; readonly by: string; readonly chat: string; readonly name: string }
  | { readonly do: 'timer'; readonly by: string; readonly chat: string; readonly seconds: number }
  | { readonly do: 'role'; readonly by: string; readonly chat: string; readonly person: string; readonly role: Role }
  | { readonly do: 'add'; readonly by: string; readonly chat: string; readonly people: readonly string[] }
  | { readonly do: 'remove'; readonly by: string; readonly chat: string; readonly people: readonly string[] }
  | { readonly do: 'leave'; readonly by: string; readonly chat: string }
  | { readonly do: 'accept'; readonly by: string; readonly chat: string }
  | { readonly do: 'decline'; readonly by: string; readonly chat: string }
  /** The conversation is moved to another one of its relays. */
  | { readonly do: 'move'; readonly by: string; readonly chat: string; readonly relay: string }
  /** Makes an offer to everybody in a group, to one other, or to the other of a direct message; `offer` decides which. */
  | { readonly do: 'offer'; readonly by: string; readonly chat: string; readonly offer: number }
  /** Does the next thing to an offer that the device has; `offer` picks it, `what` picks the step among those there are. */
  | {
      readonly do: 'step'
      readonly by: string
      readonly chat: string
      readonly offer: number
      readonly what: number
    }

/** What happens to machines, links and time. */
export type Event =
  | { readonly do: 'device'; readonly person: string; readonly name: string }
  /** `forGood`: nobody ever starts it again. */
  | { readonly do: 'crash'; readonly device: string; readonly silent: boolean; readonly forGood?: true }
  | { readonly do: 'stop'; readonly device: string }
  | { readonly do: 'start'; readonly device: string }
  /** A backup is made of the device's store, instead of an earlier one. */
  | { readonly do: 'backup'; readonly device: string }
  /** The store is lost, whatever it is doing, and the backup is read into a new one: in one go, or broken off once. */
  | { readonly do: 'restore'; readonly device: string; readonly breaks: boolean }
  /** Where there are several relays, `relay` names one; `forGood`: it never comes back. */
  | { readonly do: 'relay-crash'; readonly silent: boolean; readonly relay?: string; readonly forGood?: true }
  | { readonly do: 'relay-start'; readonly relay?: string }
  | { readonly do: 'faults'; readonly device?: string; readonly faults: Partial<Faults> }
  | { readonly do: 'cut'; readonly device?: string; readonly relay?: string }
  | { readonly do: 'heal'; readonly device?: string; readonly relay?: string }
  | { readonly do: 'break'; readonly device?: string }
  /** A device's clock is set wrong, by so many ms. */
  | { readonly do: 'clock'; readonly device: string; readonly error: number }
  /** Time passes and nobody does anything. */
  | { readonly do: 'pass'; readonly ms: number }

/** A member breaks a rule, with its own keys; `act` is one of the hostile acts. */
export interface Attack {
  readonly do: 'attack'
  readonly by: string
  readonly chat: string
  readonly act: string
}

export type Action = Deed | Event | Attack

/** A line of a schedule. `id` stays when others are taken out, so that what it says and draws stays the same. */
export type Step = Action & {
  readonly id: number
  /** ms of simulated time that pass after it. */
  readonly then: number
}

/** A schedule that can be run: the same data, the same run. */
export interface Schedule {
  /** Decides everything that the steps leave open: delays, losses, keys. */
  readonly seed: string
  /** Who is there from the beginning, in the order of joining; each has the device `name/1`. */
  readonly people: readonly string[]
  /** ms by which devices' clocks are wrong. */
  readonly clocks: Readonly<Record<string, number>>
  /** People who break rules: nothing is promised to them. */
  readonly hostile: readonly string[]
  /** Relays at which everybody is at home, in their order; absent: one. */
  readonly relays?: readonly string[]
  readonly steps: readonly Step[]
}

/** A step as a sentence of a failing schedule. */
export const readable = ({ id, then, do: what, ...rest }: Step): string => {
  const details = Object.entries(rest).map(
    ([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : value}`,
  )
  return `#${id} ${what} ${details.join(' ')} (then ${then} ms)`
}
