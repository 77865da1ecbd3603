import { type BotManifest, type Client, DchatError, isDchatError } from '@dchat/sdk'
import { createLimits } from '../actions/limits.ts'
import { systemClock } from '../clock.ts'
import type { BotEvent } from '../events/event.ts'
import { actAs } from '../gateway/act.ts'
import type { Delivered, Endpoint } from '../gateway/endpoint.ts'
import { runGateway } from '../gateway/gateway.ts'
import { storedEndpoints } from '../gateway/stored.ts'
import { IN_PROCESS } from '../gateway/webhook-list.ts'
import type { Running } from './create-context.ts'
import { doAtOnce } from './do-at-once.ts'
import { type OpenedClient, openClient } from './open-client.ts'
import type { BotOptions, StartOptions } from './options.ts'
import type { RunningBot } from './running-bot.ts'
import { clientSource } from './source.ts'

/** ms that handlers get to end when the bot stops. */
const PATIENCE = 10_000

type Dispatch = (event: BotEvent, running: Running, signal: AbortSignal) => Promise<Delivered>

/** One run of a bot, from `start` to `stop`. */
export interface Run {
  begin(): Promise<RunningBot>
  /** Throws `usage/closed` before and after. */
  running(): Running
  end(): Promise<void>
}

/** Enters each group that the bot is asked into. One that cannot be entered now is asked for again at the next start. */
const joinGroups = async (client: Client, signal: AbortSignal): Promise<void> => {
  const enter = (id: Parameters<Client['groups']['accept']>[0]) =>
    client.groups.accept(id, { signal }).catch((error: unknown) => {
      if (!signal.aborted && !isDchatError(error)) throw error
    })
  const events = client.events({ signal })
  for (const { conversation } of await client.groups.invitations()) await enter(conversation)
  for await (const event of events) if (event.type === 'invitation') await enter(event.conversation)
}

const merged = (options: BotOptions, { secret, relays, folder }: StartOptions): BotOptions => ({
  ...options,
  ...(secret !== undefined && { secret }),
  ...(relays !== undefined && { relays }),
  ...(folder !== undefined && { folder }),
})

export const createRun = (
  options: BotOptions,
  given: StartOptions,
  dispatch: Dispatch,
  manifest?: BotManifest,
): Run => {
  const clock = given.clock ?? systemClock
  const stopping = new AbortController()
  const limits = createLimits(() => clock.now())
  let opened: OpenedClient | undefined
  let work: Promise<void> | undefined
  let busy = 0
  const failures: unknown[] = []
  const onProblem = given.onProblem ?? (() => undefined)
  let ended: Promise<void> | undefined

  const running = (): Running => {
    if (opened === undefined) throw new DchatError('usage/closed', { what: 'bot' })
    const { client, store } = opened
    return {
      client,
      doing: doAtOnce(client, clock),
      store: given.store ?? store,
      clock,
      ...(given.onLog && { onLog: given.onLog }),
      place: async (conversation, signal) => {
        for (let wait = limits.take(conversation); wait > 0; wait = limits.take(conversation))
          await clock.sleep(wait, { signal })
      },
    }
  }

  /** The handlers as an endpoint. What none of them caught ends the bot: the event is handled again at its next start. */
  const deliver: Endpoint['deliver'] = async (event, { signal }) => {
    busy += 1
    try {
      return await dispatch(event, running(), signal)
    } catch (error) {
      failures.push(error)
      stopping.abort()
      throw error
    } finally {
      busy -= 1
    }
  }

  /** What the bot does until it is stopped, or one part of it fails: then the others end too. */
  const attend = async ({ client, queue }: OpenedClient): Promise<void> => {
    const { signal } = stopping
    const guard = (part: Promise<void>) =>
      part
        .catch((error: unknown) => {
          if (!signal.aborted || error !== signal.reason) failures.push(error)
        })
        .finally(() => stopping.abort())
    const feed = storedEndpoints(given.queue ?? queue, { clock, onProblem })
    const gateway = runGateway(
      {
        source: clientSource(client),
        queue: given.queue ?? queue,
        endpoints: [{ name: IN_PROCESS, deliver }],
        feed,
        act: actAs(client, { clock, limits }),
        clock,
        onProblem,
        grace: PATIENCE,
        ...(given.lookAgain !== undefined && { lookAgain: given.lookAgain }),
      },
      { signal },
    )
    const joining = options.joinGroups === false ? [] : [joinGroups(client, signal)]
    await Promise.all([gateway, ...joining].map(guard))
    await feed.close()
    if (failures.length > 0) throw failures[0]
  }

  const end = (): Promise<void> => {
    ended ??= (async () => {
      stopping.abort()
      await work?.catch(() => undefined)
      await opened?.close()
      opened = undefined
    })()
    return ended
  }

  return {
    running,
    end,
    begin: async () => {
      opened = await openClient(given.client ? { client: given.client } : merged(options, given))
      const { client } = opened
      try {
        await client.connect()
        if (options.name !== undefined && (await client.profiles.mine()).name !== options.name)
          await client.profiles.set({ name: options.name })
        if (manifest) await client.bots.publish(manifest)
      } catch (error) {
        await end()
        throw error
      }
      work = attend(opened)
      return {
        address: client.address,
        client,
        invite: client.invite(),
        done: work,
        get busy() {
          return busy
        },
      }
    },
  }
}
