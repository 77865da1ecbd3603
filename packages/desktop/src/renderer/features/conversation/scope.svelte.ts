import type { Address, Client, Conversation, Message, MessageId } from '@dchat/sdk'
import { type Component, createContext } from 'svelte'
import type { Icon } from '../../design/icon.ts'
import type { BotsHere } from '../../state/bots-here.svelte.ts'
import type { Composer } from '../../state/composer.svelte.ts'
import type { Group } from '../../state/group.svelte.ts'
import type { Keeper } from '../../state/keeper.svelte.ts'
import type { Session } from '../../state/session.svelte.ts'
import type { Thread } from '../../state/thread.svelte.ts'
import type { CommandHere } from './bot-commands.ts'

/** Something that is begun from the composer and that is not a message: behind its "+", or by a command. */
export interface ComposerAction {
  readonly icon: Icon
  readonly label: string
  /** What is typed behind a `/`. */
  readonly command: string
  readonly run: (conversation: Conversation) => void
}

/** What asks for a dialog about a message. */
export interface MessageDialog {
  readonly what: 'delete' | 'forward' | 'history' | 'info'
  readonly message: Message
}

interface ScopeParts {
  readonly session: Session
  readonly thread: Thread
  readonly composer: Composer
  readonly group: Group | undefined
  readonly botsHere: BotsHere | undefined
  readonly keeper: Keeper
  readonly offerCard: Component<{ message: Message }> | undefined
  readonly record: () => Conversation
}

/** What the parts of one open conversation share. */
export class Scope {
  readonly session: Session
  readonly thread: Thread
  readonly composer: Composer
  /** Of a group. */
  readonly group: Group | undefined
  readonly botsHere: BotsHere | undefined
  readonly keeper: Keeper
  readonly offerCard: Component<{ message: Message }> | undefined
  readonly #record: () => Conversation
  /** The row with the pointer or the focus: it has the buttons. */
  active = $state<string | undefined>(undefined)
  /** What of the active row is open. */
  open = $state<'menu' | 'react' | undefined>(undefined)
  /** The row that somebody jumped to, for a second. */
  marked = $state<MessageId | undefined>(undefined)
  dialog = $state.raw<MessageDialog | undefined>(undefined)
  /** What the relay did is looked at. */
  audits = $state(false)
  /** For everybody, in the order of pinning; those far above too. */
  pinned = $state.raw<readonly Message[]>([])
  /** Set by the list and by the composer. */
  jump: (id: MessageId) => void = () => undefined
  toNewest: () => void = () => undefined
  write: () => void = () => undefined

  constructor({ session, thread, composer, group, botsHere, keeper, offerCard, record }: ScopeParts) {
    this.session = session
    this.thread = thread
    this.composer = composer
    this.group = group
    this.botsHere = botsHere
    this.keeper = keeper
    this.offerCard = offerCard
    this.#record = record
  }

  get client(): Client {
    return this.session.client
  }

  get record(): Conversation {
    return this.#record()
  }

  get isGroup(): boolean {
    return this.record.kind === 'group'
  }

  /** Whether something can be written and done here. */
  get isOpen(): boolean {
    const { id, kind, state } = this.record
    if (this.session.requests.isJoining(id)) return false
    // With a person one can always begin again.
    return kind === 'dm' ? state !== 'request' : !['closed', 'leaving', 'invited'].includes(state)
  }

  title(address: Address): string {
    return this.session.people.title(address)
  }

  /** A bot, as far as that is known without asking anybody. */
  isBot(address: Address): boolean {
    return this.session.bots.known(address) !== undefined
  }

  /** What can be asked of the bots that are here. */
  get botCommands(): readonly CommandHere[] {
    const { peer } = this.record
    const own = peer === undefined ? undefined : this.session.bots.manifest(peer)
    const all = [
      ...(peer === undefined || own === undefined ? [] : [{ address: peer, manifest: own }]),
      ...(this.botsHere?.list ?? []),
    ]
    return all.flatMap(({ address, manifest }) =>
      manifest.commands.map((command) => ({ ...command, bot: address, botName: this.title(address) })),
    )
  }

  /** Deletes others' words too: owners and admins may in a group. */
  mayDelete({ own, content }: Message): boolean {
    return content.type !== 'deleted' && content.type !== 'notice' && (own || this.group?.manages === true)
  }

  reply(message: Message): void {
    this.composer.reply(message)
    this.write()
  }

  edit(message: Message): void {
    this.composer.edit(message)
    this.write()
  }
}

/** Svelte context of one open conversation. */
export const [getScope, setScope] = createContext<Scope>()
