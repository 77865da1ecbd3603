import { isDchatError, parseRelayInvitation, parseRelayUrl, type RelayUrl } from '@dchat/sdk'

const read = <T>(parse: (text: string) => T, text: string): T | undefined => {
  try {
    return parse(text.trim())
  } catch {
    return undefined
  }
}

/** What relays answer, by the reason in `relay/not-invited`. */
const ANSWERS: Readonly<Record<string, string>> = {
  'none was shown': 'This relay takes people by invitation. Paste the link that its operator gave you.',
  'this one is not known here': 'The relay does not know this invitation. Ask its operator for another one.',
  'this one is used up': 'This invitation is used up. Ask the relay’s operator for another one.',
  'this one has expired': 'This invitation has expired. Ask the relay’s operator for another one.',
  'this one was taken back': 'This invitation was taken back. Ask the relay’s operator for another one.',
}

/**
 * A relay that somebody names, and the invitation that it may ask for: only a relay that said so is asked about, and what
 * was typed stays. An invitation in place of the address is understood.
 */
export class RelayEntry {
  #address = $state('')
  invitation = $state('')
  /** What the relay refused, and how that is told. */
  #refused = $state.raw<{ readonly relay: RelayUrl; readonly invitation: string; readonly answer: string }>()

  /** As it was typed. */
  get address(): string {
    return this.#address
  }

  set address(text: string) {
    const invitation = read(parseRelayInvitation, text)
    this.#address = invitation?.relay ?? text
    if (invitation !== undefined) this.invitation = text.trim()
  }

  /** The relay that is named; undefined while none is. */
  get relay(): RelayUrl | undefined {
    return read(parseRelayUrl, this.#address)
  }

  /** Whether an invitation has a place here. */
  get asksInvitation(): boolean {
    return this.invitation !== '' || (this.#refused !== undefined && this.#refused.relay === this.relay)
  }

  /** What is wrong with the invitation, or with its absence. */
  get invitationError(): string | undefined {
    const text = this.invitation.trim()
    const refused = this.#refused
    if (refused !== undefined && refused.relay === this.relay && refused.invitation === text) return refused.answer
    if (text === '') return undefined
    const invitation = read(parseRelayInvitation, text)
    if (invitation === undefined) return 'This is not the whole link. It begins with wss:// and goes on behind a #.'
    return invitation.relay === this.relay ? undefined : `This invitation is for another relay, ${invitation.relay}`
  }

  /** Whether there is something to go on with. */
  get isComplete(): boolean {
    if (this.relay === undefined) return false
    return !this.asksInvitation || (this.invitation.trim() !== '' && this.invitationError === undefined)
  }

  /** What to show the relay. */
  get given(): string | undefined {
    const text = this.invitation.trim()
    return text === '' ? undefined : text
  }

  /** Takes note of a relay that takes people by invitation; false: it was something else. */
  takes(error: unknown): boolean {
    const { relay } = this
    if (relay === undefined || !isDchatError(error, 'relay/not-invited')) return false
    const { reason } = error.details
    const answer = ANSWERS[reason] ?? `The relay does not take this invitation: ${reason}.`
    this.#refused = { relay, invitation: this.invitation.trim(), answer }
    return true
  }
}
