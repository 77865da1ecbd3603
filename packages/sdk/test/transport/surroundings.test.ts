import { describe, expect, test } from 'vitest'
import type { LinkState, RelayLink } from '../../src/ports/transport.ts'
import type { Frame } from '../../src/protocol/wire/frames.ts'
import type { RelayUrl } from '../../src/records/ids.ts'
import { HandClock } from '../support/clocks.ts'
import { HandSurroundings } from '../support/surroundings.ts'
import { fakeSockets } from './fake-socket.ts'
import { coded, HEAD, linkTo, relayWith, until } from './support.ts'
import { type Peer, type TestRelay, TOPIC } from './test-relay.ts'

/** ms within which a relay that is doubted has to answer; with some more for the clock's steps. */
const SOON = 6_000
const turn = () => new Promise((resolve) => setImmediate(resolve))

const giveHead = (peer: Peer, frame: Frame) => {
  if (frame.type === 'request') peer.send({ type: 'result', id: frame.id, result: HEAD })
}

/** Hand-moved time, hand-made surroundings, a relay over real sockets and a link to it that is ready. */
const connected = async () => {
  const clock = new HandClock()
  const surroundings = new HandSurroundings()
  const relay = await relayWith({ handle: giveHead })
  const link = linkTo(relay.url, { clock, surroundings, backoff: { base: 20_000, cap: 40_000, offline: 60_000 } })
  await link.ready()
  return { clock, surroundings, relay, link, peer: await relay.peer() }
}

/** The same, but the connection broke and the machine says why. */
const cutOff = async () => {
  const stage = await connected()
  stage.peer.mute = true
  stage.surroundings.happen('offline')
  await stage.peer.frame('ping')
  const lost = until(stage.link, 'waiting')
  await stage.clock.advance(SOON)
  return { ...stage, lost: (await lost) as Extract<LinkState, { state: 'waiting' }> }
}

/** The link has heard the answer to its nth ping. */
const answered = async (link: RelayLink, peer: Peer, nth = 0) => {
  await peer.frame('ping', nth)
  await link.request('topic.head', { topic: TOPIC })
}

const pingsOf = (relay: TestRelay) => relay.peers.map((peer) => peer.of('ping').length)

describe('a machine that says it lost its network', () => {
  test('a socket that did not notice is closed, and the link says why it waits', async () => {
    const { lost, link, clock, peer } = await cutOff()
    expect(lost.reason).toBe('offline')
    expect(lost.retryAt).toBeGreaterThan(clock.now() + 20_000)
    await expect.poll(() => peer.socket.readyState).toBe(peer.socket.CLOSED)
    const asked = link.request('topic.head', { topic: TOPIC }, { timeout: 100 })
    const refused = expect(asked).rejects.toEqual(coded('transport/unreachable', { reason: 'offline' }))
    await clock.advance(100)
    await refused
  })

  test('the link tries only now and then, however long it lasts, and comes back though nobody says online', async () => {
    const { relay, link, clock, lost } = await cutOff()
    await clock.advance(lost.retryAt - clock.now() - 1)
    expect(relay.peers).toHaveLength(1)
    await clock.advance(1)
    await link.ready()
    expect(relay.peers).toHaveLength(2)
  })

  test('a connection that still works (a relay on this machine) is kept', async () => {
    const { surroundings, relay, link, clock, peer } = await connected()
    surroundings.happen('offline')
    await answered(link, peer)
    await clock.advance(SOON)
    surroundings.happen('online')
    await answered(link, peer, 1)
    await clock.advance(SOON)
    expect(link.state.state).toBe('ready')
    expect(relay.peers).toHaveLength(1)
  })

  test('an attempt on the way is given up', async () => {
    const { WebSocket, last } = fakeSockets()
    const surroundings = new HandSurroundings()
    const link = linkTo('ws://relay' as RelayUrl, { WebSocket, surroundings, clock: new HandClock() })
    link.ready().catch(() => undefined)
    expect(link.state.state).toBe('connecting')
    surroundings.happen('offline')
    expect(link.state).toMatchObject({ state: 'waiting', reason: 'offline' })
    expect(last().closed).toBe(true)
  })

  test('a link that waits already says that it now waits for the network', async () => {
    const { surroundings, link, peer } = await connected()
    const reasons: string[] = []
    const watching = (async () => {
      for await (const state of link.states()) if (state.state === 'waiting') reasons.push(state.reason)
    })()
    await turn()
    peer.socket.terminate()
    await until(link, 'waiting')
    surroundings.happen('offline')
    await expect.poll(() => reasons).toEqual(['the connection broke', 'offline'])
    await link.close()
    await watching
  })

  test('a program that starts without a network tries once: the machine may be wrong', async () => {
    const surroundings = new HandSurroundings()
    surroundings.online = false
    const relay = await relayWith()
    await linkTo(relay.url, { surroundings }).ready()
  })
})

describe('a network that is there again', () => {
  test('is tried at once, without a pause, and earlier failures are forgotten', async () => {
    const { surroundings, relay, link, clock } = await cutOff()
    const before = clock.now()
    surroundings.happen('online')
    await link.ready()
    expect(clock.now()).toBe(before)
    relay.peers[1]?.socket.terminate()
    const state = (await until(link, 'waiting')) as { retryAt: number }
    expect(state.retryAt - clock.now()).toBeLessThanOrEqual(20_000)
  })

  test('is not proof: a relay that cannot be reached is tried with growing pauses as ever', async () => {
    const { surroundings, relay, link } = await cutOff()
    await relay.close()
    surroundings.happen('online')
    const state = (await until(link, 'waiting')) as { reason: string }
    expect(state.reason).toBe('nothing listens there')
  })

  test('who has not answered since it went is left at once', async () => {
    const { surroundings, relay, link, clock, peer } = await connected()
    peer.mute = true
    surroundings.happen('offline')
    const before = clock.now()
    surroundings.happen('online')
    await relay.peer(1)
    await link.ready()
    expect(clock.now()).toBe(before)
  })

  test('an attempt over the network that went starts anew', async () => {
    const { WebSocket, last } = fakeSockets()
    const surroundings = new HandSurroundings()
    const link = linkTo('ws://relay' as RelayUrl, { WebSocket, surroundings, clock: new HandClock() })
    link.ready().catch(() => undefined)
    const first = last()
    surroundings.happen('online')
    expect(first.closed).toBe(true)
    expect(last()).not.toBe(first)
    expect(link.state.state).toBe('connecting')
  })
})

describe('a program that stood still', () => {
  test.each(['resume', 'visible', 'online'] as const)('%s: a dead connection is found out in seconds', async (what) => {
    const { surroundings, link, clock, peer } = await connected()
    peer.mute = true
    const waiting = until(link, 'waiting')
    surroundings.happen(what)
    await peer.frame('ping')
    await clock.advance(SOON)
    expect(await waiting).toMatchObject({ reason: 'it does not answer any more' })
  })

  test('a living connection is kept, and is not asked again and again', async () => {
    const { surroundings, relay, link, clock, peer } = await connected()
    surroundings.happen('resume')
    surroundings.happen('visible')
    surroundings.happen('visible')
    await answered(link, peer)
    await clock.advance(SOON)
    expect(link.state.state).toBe('ready')
    expect(pingsOf(relay)).toEqual([1])
  })

  test('a freeze alone changes nothing', async () => {
    const { surroundings, relay, link, clock } = await connected()
    surroundings.happen('freeze')
    await clock.advance(SOON)
    expect(link.state.state).toBe('ready')
    expect(pingsOf(relay)).toEqual([0])
  })

  test('a link that waits tries at once when somebody looks', async () => {
    const { surroundings, relay, link, clock, peer } = await connected()
    peer.socket.terminate()
    await until(link, 'waiting')
    const before = clock.now()
    surroundings.happen('visible')
    await relay.peer(1)
    await link.ready()
    expect(clock.now()).toBe(before)
  })

  test.each([
    ['slept for an hour', 3_600_000],
    ['had its clock put back by an hour', -3_600_000],
  ])('a machine that %s asks at once, and again if it slept over the question', async (_, ms) => {
    const { link, clock, peer } = await connected()
    peer.mute = true
    const waiting = until(link, 'waiting')
    clock.jump(ms)
    await clock.advance(SOON)
    await peer.frame('ping')
    clock.jump(ms)
    await clock.advance(SOON)
    await peer.frame('ping', 1)
    expect(link.state.state).toBe('ready')
    await clock.advance(SOON)
    expect(await waiting).toMatchObject({ reason: 'it does not answer any more' })
  })

  test('timers that are always late, as those of a hidden page, do not keep a dead connection alive', async () => {
    const { link, clock, peer } = await connected()
    peer.mute = true
    const waiting = until(link, 'waiting')
    for (let late = 0; late < 6; late++) {
      clock.jump(55_000)
      await clock.advance(SOON)
    }
    expect(await waiting).toMatchObject({ reason: 'it does not answer any more' })
  })

  test.each([3_600_000, -3_600_000])('a jump of %d ms while the link waits does not prolong the wait', async (ms) => {
    const { relay, link, clock, peer } = await connected()
    peer.socket.terminate()
    await until(link, 'waiting')
    clock.jump(ms)
    await clock.advance(SOON)
    await relay.peer(1)
    await link.ready()
  })
})

describe('a link that was closed', () => {
  test('hears nothing more', async () => {
    const { surroundings, relay, link } = await connected()
    expect(surroundings.listeners).toBe(1)
    await link.close()
    expect(surroundings.listeners).toBe(0)
    surroundings.happen('online')
    expect(link.state.state).toBe('closed')
    expect(relay.peers).toHaveLength(1)
  })

  test('while it lasted, requests over a checked connection were answered', async () => {
    const relay = await relayWith({ handle: giveHead })
    const surroundings = new HandSurroundings()
    const link = linkTo(relay.url, { surroundings })
    await link.ready()
    const asked = link.request('topic.head', { topic: TOPIC })
    surroundings.happen('offline')
    surroundings.happen('resume')
    expect(await asked).toEqual(HEAD)
  })
})
