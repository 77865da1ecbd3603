/**
 * What the page asks of the machine that it runs on. There are two of them: Electron and a plain browser; the page knows
 * only this. Everything may reject with a `DchatError`.
 */
export interface Host {
  readonly kind: 'electron' | 'browser'
  readonly secrets: Secrets
  readonly notifications: SystemNotifications
  readonly files: Files
  readonly links: Links
  readonly updates: Updates
  /** What this start of the program suggests to a newcomer: `npm start` names its own relay and its guide. */
  suggestions(): Promise<Suggestions>
  /** What stands on the app's icon; 0 takes it away. */
  setBadge(count: number): void
}

/** Binds small secrets, such as the key of a store, to this user of this machine. */
export interface Secrets {
  /** Who could open it, in words for people: "this Windows account", "this browser profile". */
  readonly boundTo: string
  wrap(bytes: Uint8Array): Promise<Uint8Array>
  unwrap(wrapped: Uint8Array): Promise<Uint8Array>
}

export interface SystemNotification {
  /** One with the same id replaces the earlier one. */
  readonly id: string
  readonly title: string
  readonly body: string
}

export interface SystemNotifications {
  /** `ask`: the person has not been asked yet. */
  state(): Promise<'allowed' | 'denied' | 'ask'>
  /** Call it from a click: browsers ask only then. */
  ask(): Promise<'allowed' | 'denied'>
  show(notification: SystemNotification): void
  clear(id: string): void
  /** The person chose the notification. Returns how to stop listening. */
  onChosen(listener: (id: string) => void): () => void
}

export interface Files {
  /** Asks where to, and writes the chunks one after the other. False if the person thought better of it. */
  save(name: string, chunks: AsyncIterable<Uint8Array>, mediaType: string): Promise<boolean>
  /** Asks for one file; undefined if the person thought better of it. `accept` as in HTML. */
  open(accept: string): Promise<OpenedFile | undefined>
  /** Prints a whole HTML page that has no scripts. */
  print(html: string): Promise<void>
}

export interface OpenedFile {
  readonly name: string
  readonly size: number
  /** May be called again: each reads the file from its beginning. */
  chunks(): AsyncIterable<Uint8Array>
}

export interface Links {
  /** Opens a web address in the person's browser. Only `https:`, `http:` and `mailto:`. */
  open(url: string): void
  /** Invites (`dchat:…`) that other programs hand over, the one that started the app included. */
  onInvite(listener: (invite: string) => void): () => void
}

export interface Updates {
  readonly version: string
  state(): Promise<'none' | 'ready' | 'managed-elsewhere'>
  /** Restarts into the new version. */
  install(): Promise<void>
}

export interface Suggestions {
  /** Relays, the best first. */
  readonly relays: readonly SuggestedRelay[]
  /** The invite of somebody who answers at once. */
  readonly guide?: string
}

export interface SuggestedRelay {
  readonly url: string
  readonly name: string
}
