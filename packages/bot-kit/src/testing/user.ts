import type {
  Client,
  Conversation,
  ConversationId,
  InlineResult,
  Message,
  PressAnswer,
  SendableContent,
} from '@dchat/sdk'

/** A message of the bot as somebody sees it. */
export interface Reply {
  readonly id: string
  /** Text, or Markdown as it is written. */
  readonly text: string
  /** What stands on its buttons. */
  readonly buttons: readonly string[]
  readonly message: Message
}

/** Somebody who talks with the bot: a client of their own, with keys of their own. */
export interface TestUser {
  readonly name: string
  /** Opens at the first use of the user. */
  client(): Promise<Client>
  /** Says something to the bot, in a direct message unless `in` says otherwise; resolves when the bot is done with it. */
  send(content: string | SendableContent): Promise<readonly Reply[]>
  /**
   * Presses the newest button of the bot that says so; resolves when the bot is done with it, to what it said. Throws where
   * there is no such button, or it is a link.
   */
  press(text: string): Promise<readonly Reply[]>
  /** Asks the bot while typing, and gives what it finds. Rejects where it does not answer. */
  inline(text: string): Promise<readonly InlineResult[]>
  /** What the bot answered to the last press: a note for this user alone. */
  lastAnswer(): PressAnswer | undefined
  /** Says something and does not wait for the bot: time moves until it is under way. */
  post(content: string | SendableContent): Promise<void>
  /** What the bot said here, oldest first. */
  replies(): Promise<readonly Reply[]>
  lastReply(): Promise<Reply | undefined>
  conversation(): Promise<Conversation>
  /** The same user in a group. */
  in(group: TestGroup): TestUser
  /** Does anything with the client, and waits until the bot is done with it. */
  act<T>(work: (client: Client, conversation: ConversationId) => Promise<T>): Promise<T>
}

export interface TestGroup {
  readonly id: ConversationId
  readonly name: string
}

export interface UserParts {
  readonly name: string
  readonly client: () => Promise<Client>
  /** The address of the bot. */
  readonly bot: () => Client['address']
  readonly chat: () => Promise<ConversationId>
  /** Moves time until the work is done, and everything that follows from it. */
  readonly finish: <T>(work: Promise<T>) => Promise<T>
  /** Moves time until the work is done. */
  readonly during: <T>(work: Promise<T>) => Promise<T>
  /** What was answered to the user's presses, oldest first. */
  readonly answers: readonly PressAnswer[]
  readonly acted: (user: TestUser) => void
}

const replyOf = (message: Message): Reply => {
  const { content } = message
  const text =
    content.type === 'text'
      ? content.text
      : content.type === 'markdown'
        ? content.markdown
        : 'offer' in content
          ? content.summary
          : ''
  const rows = 'keyboard' in content ? (content.keyboard ?? []) : []
  return { id: message.id, text, buttons: rows.flat().map((button) => button.text), message }
}

export const createUser = (parts: UserParts): TestUser => {
  const { name, client, bot, chat, during, finish, acted } = parts
  const replies = async (): Promise<readonly Reply[]> => {
    const [mine, id] = [await client(), await chat()]
    const all: Message[] = []
    let before: string | undefined
    do {
      const page = await during(mine.messages.list(id, { limit: 100, ...(before !== undefined && { before }) }))
      all.push(...page.items)
      before = page.next
    } while (before !== undefined)
    return all
      .filter(({ from, content }) => from === bot() && content.type !== 'notice' && content.type !== 'deleted')
      .reverse()
      .map(replyOf)
  }
  const act: TestUser['act'] = async (work) => {
    const [mine, id] = [await client(), await chat()]
    acted(user)
    return finish(work(mine, id))
  }
  const saidAfter = async (work: (client: Client, conversation: ConversationId) => Promise<unknown>) => {
    const known = new Set((await replies()).map(({ id }) => id))
    await act(work)
    return (await replies()).filter(({ id }) => !known.has(id))
  }
  const user: TestUser = {
    name,
    client,
    act,
    replies,
    lastReply: async () => (await replies()).at(-1),
    send: (content) => saidAfter((mine, id) => mine.messages.send(id, content)),
    press: async (text) => {
      const withButtons = (await replies()).filter(({ buttons }) => buttons.includes(text)).at(-1)
      const content = withButtons?.message.content
      const rows = content && 'keyboard' in content ? (content.keyboard ?? []) : []
      const button = rows.flat().find((each) => each.text === text)
      if (withButtons === undefined || button === undefined) throw new Error(`the bot shows no button "${text}"`)
      if (!('callback' in button)) throw new Error(`the button "${text}" is a link`)
      return saidAfter((mine) => mine.messages.press(withButtons.message.id, button.callback))
    },
    inline: async (text) => (await act((mine, id) => mine.inline.query(id, text))).results,
    lastAnswer: () => parts.answers.at(-1),
    post: async (content) => {
      const [mine, id] = [await client(), await chat()]
      acted(user)
      await during(mine.messages.send(id, content))
    },
    conversation: async () => {
      const found = await during((await client()).conversations.get(await chat()))
      if (found === undefined) throw new Error(`${name} has no conversation with the bot`)
      return found
    },
    in: (group) => createUser({ ...parts, chat: async () => group.id }),
  }
  return user
}
