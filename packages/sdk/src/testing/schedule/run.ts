import { converged } from '../invariants/converged.ts'
import { keysFit } from '../invariants/keys-fit.ts'
import { membersOnly } from '../invariants/members-only.ts'
import { nothingLost } from '../invariants/nothing-lost.ts'
import { offendersOut } from '../invariants/offenders-out.ts'
import { oneHistory } from '../invariants/one-history.ts'
import { oneOrder } from '../invariants/one-order.ts'
import { sameOffers } from '../invariants/same-offers.ts'
import { sameState } from '../invariants/same-state.ts'
import { leakIn, leaksIn } from '../invariants/secrecy.ts'
import type { Invariant, LogEntry } from '../invariants/sight.ts'
import { together } from '../invariants/together.ts'
import { trueAuthors } from '../invariants/true-authors.ts'
import { type Finding, Witness } from '../invariants/witness.ts'
import { createSim } from '../sim/create-sim.ts'
import type { SimRelayFactory } from '../sim/relay-host.ts'
import type { Sim, SimRelay } from '../sim/types.ts'
import { happen, healAll } from './happen.ts'
import { checkLists } from './lists.ts'
import { performDeed } from './perform.ts'
import { Stage } from './stage.ts'
import type { Attack, Deed, Event, Schedule, Step } from './step.ts'

const LOOK = 250
const REST = 5 * 60_000
const PATIENCE = 8

/** What a simulation needs to know of the relay that it runs. */
export interface RelayKit {
  readonly factory: SimRelayFactory
  /** A topic's log (hex id), from what `disk` of the simulated relay holds. */
  readonly log: (disk: unknown, topic: string) => readonly LogEntry[]
}

/** Lets a hostile member do something; false: it cannot. */
export type Attacker = (stage: Stage, step: Step & Attack) => Promise<boolean>

export interface RunOptions {
  readonly relay: RelayKit
  readonly attack?: Attacker
  readonly invariants?: typeof allInvariants
  /** ms between two looks at everybody, while time passes. Default 250. */
  readonly lookEvery?: number
  /** Opens MLS states too; dear in large groups. Default true. */
  readonly trees?: boolean
  /** Rests of ten minutes that a world may take until everybody has arrived. Default 8. */
  readonly patience?: number
  /** Told before each step. */
  readonly onStep?: (step: Step) => void
}

export interface Outcome {
  /** Empty: every invariant held. */
  readonly findings: readonly Finding[]
  /** The step after which the first finding was seen; undefined: at the end. */
  readonly after?: number
  /** The same schedule gives the same hash. */
  readonly hash: string
  readonly trace: readonly string[]
  /** Steps that could be done. */
  readonly done: number
  readonly entries: number
}

/** Everything that is promised, checked after every step. */
export const allInvariants = (stage: () => Stage): readonly Invariant[] => [
  oneOrder(),
  oneHistory(),
  nothingLost(),
  sameState(),
  sameOffers(),
  membersOnly(),
  keysFit(),
  trueAuthors((address) => [...stage().people.values()].find(({ identity }) => identity.address === address)?.name),
  offendersOut(() => stage().offences),
  converged(),
]

/** What is promised where a conversation may go on at another relay, and for a while at two: its end is one for all. */
const severalHubs = (stage: () => Stage): readonly Invariant[] => [
  trueAuthors((address) => [...stage().people.values()].find(({ identity }) => identity.address === address)?.name),
  keysFit(),
  together(),
]

/** Runs a schedule with real clients and a real relay, then heals everything, lets it come to rest, and checks. */
export const runSchedule = async (schedule: Schedule, options: RunOptions): Promise<Outcome> => {
  const { relay, invariants = schedule.relays === undefined ? allInvariants : severalHubs } = options
  await using sim = createSim({ seed: schedule.seed, relay: relay.factory })
  const relays: SimRelay[] = []
  for (const name of schedule.relays ?? [undefined]) relays.push(await sim.relay(name))
  // A topic has one relay.
  const log = (topic: string) => relays.map(({ disk }) => relay.log(disk, topic)).find(({ length }) => length > 0) ?? []
  const witness = new Witness({
    invariants: invariants(() => stage),
    now: () => sim.now(),
    log,
    trees: options.trees ?? true,
  })
  const stage: Stage = new Stage(sim, relays, witness, schedule.hostile)
  sim.onFrame((frame) => {
    const leak = leakIn(frame)
    if (leak !== undefined) stage.findings.push({ invariant: 'no plaintext outside', what: leak })
  })
  sim.onReuse((device) => {
    if (!stage.isHostile(device.split('/')[0] as string))
      stage.findings.push({
        invariant: 'no ratchet is used twice',
        what: `${device} sealed two messages under one key`,
      })
  })
  const found = () => [...witness.findings, ...stage.findings]
  const outcome = (done: number, after?: number): Outcome => ({
    findings: found(),
    ...(after === undefined ? {} : { after }),
    hash: sim.trace.hash(),
    trace: sim.trace.lines(),
    done,
    entries: entriesIn(witness),
  })
  await enter(stage, schedule)
  let done = 0
  for (const step of schedule.steps) {
    options.onStep?.(step)
    sim.trace.note('step', `#${step.id}`, step.do)
    if (await doStep(stage, step, options)) done++
    await pass(sim, witness, step.then, options.lookEvery ?? LOOK)
    if (found().length > 0) return outcome(done, step.id)
  }
  await healAll(stage)
  for (let rest = 0; rest < (options.patience ?? PATIENCE); rest++) {
    await sim.settle({ within: REST, quiet: 40_000 })
    await witness.look()
    if (found().length > 0 || isAtRest(schedule, witness)) break
    await sim.run(REST)
  }
  await witness.end()
  checkPromises(stage)
  for (const what of await checkLists(stage)) stage.findings.push({ invariant: 'one order', what })
  if (relays.some(({ disk }) => leaksIn(disk)))
    stage.findings.push({ invariant: 'no plaintext outside', what: 'the relay stores what somebody wrote' })
  return outcome(done)
}

const enter = async (stage: Stage, { people, clocks }: Schedule): Promise<void> => {
  const { sim, witness } = stage
  for (const name of people) {
    const homes = stage.relays.length > 1 ? { relays: stage.relays } : {}
    const person = await sim.person(name, { clockError: clocks[`${name}/1`] ?? 0, connect: false, ...homes })
    stage.people.set(name, person)
    stage.follow(person.device)
    if (!stage.isHostile(name)) witness.watch(person.device)
  }
  await sim.run(2_000)
}

const EVENTS: readonly string[] = [
  'device',
  'crash',
  'stop',
  'start',
  'backup',
  'restore',
  'relay-crash',
  'relay-start',
  'faults',
  'cut',
  'heal',
  'break',
  'clock',
  'pass',
] satisfies readonly Event['do'][]

const doStep = (stage: Stage, step: Step, { attack }: RunOptions): boolean | Promise<boolean> => {
  if (step.do === 'attack') return attack?.(stage, step) ?? false
  return EVENTS.includes(step.do) ? happen(stage, step as Step & Event) : performDeed(stage, step as Step & Deed)
}

/** Time passes, in short looks, so that no epoch comes and goes unseen. */
const pass = async (sim: Sim, witness: Witness, ms: number, lookEvery: number): Promise<void> => {
  const end = sim.now() + ms
  do {
    await sim.run(Math.min(lookEvery, Math.max(0, end - sim.now())))
    await witness.look()
  } while (sim.now() < end && witness.findings.length === 0)
}

const isAtRest = ({ relays }: Schedule, witness: Witness): boolean =>
  (relays === undefined ? converged() : together()).end?.(witness).length === 0

/** What a call acknowledged as durable is in its device's store. */
const checkPromises = (stage: Stage): void => {
  for (const sight of stage.witness.sights())
    for (const [id, chat] of stage.promised.get(sight.device) ?? [])
      if (!sight.messages.has(id) && !sight.expired.has(id) && !stage.timed.has(chat))
        stage.findings.push({ invariant: 'nothing acknowledged is lost', what: `${sight.device} lost what it took on` })
}

const entriesIn = (witness: Witness): number => {
  const topics = new Set(witness.sights().flatMap(({ rooms }) => [...rooms.values()].map(({ topic }) => topic)))
  return [...topics].reduce((sum, topic) => sum + witness.log(topic).length, 0)
}
