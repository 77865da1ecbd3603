import { inviteIn } from '../invite.ts'

/** Invites on their way to the page: those that come before it listens wait. `tell` reaches a page that listens. */
export const inviteQueue = (tell: (invite: string) => void) => {
  let waiting: string[] = []
  let listening = false
  return {
    /** `text`: what another program handed over, whatever it is. */
    add: (text: string): void => {
      const invite = inviteIn(text)
      if (invite === undefined) return
      if (listening) tell(invite)
      else waiting = [...waiting, invite].slice(-10)
    },
    take: (): string[] => {
      const taken = waiting
      waiting = []
      listening = true
      return taken
    },
    /** The page is loaded anew, and does not listen yet. */
    pause: (): void => {
      listening = false
    },
  }
}
