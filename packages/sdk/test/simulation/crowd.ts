import type { Schedule } from '../../src/testing/schedule/step.ts'
import { seededRandom } from '../../src/testing/sim/random.ts'
import { type Line, scene } from './scenes.ts'

export interface CrowdOptions {
  readonly size: number
  /** Messages of each member while the group changes. */
  readonly says: readonly [least: number, most: number]
  /** Who is taken out meanwhile, who is asked in, and who of the members speaks again when all is over. */
  readonly goers: number
  readonly comers: number
  readonly again: number
}

const names = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => `m${String(at + 1).padStart(2, '0')}`)

/**
 * Of `size` members all send while some are taken out and others asked in; links are slow and uneven. Beyond 50 people
 * nobody reports what they read, so that what is in the topic is what they say.
 */
export const crowd = (seed: string, options: CrowdOptions): Schedule => {
  const { size } = options
  const random = seededRandom(`crowd/${seed}`)
  const all = names(size + options.comers)
  const [owner = '', second = ''] = all
  const members = all.slice(0, size)
  const comers = all.slice(size)
  const goers = random.shuffle(members.slice(2)).slice(0, options.goers)
  const says = (name: string, count = random.between(...options.says)): Line => [
    { do: 'send', by: `${name}/1`, chat: 'g1', count },
    random.between(0, 60),
  ]
  const changes: Line[] = [
    ...goers.map(
      (name, at): Line => [{ do: 'remove', by: `${at % 2 ? owner : second}/1`, chat: 'g1', people: [name] }, 0],
    ),
    ...comers.map(
      (name, at): Line => [{ do: 'add', by: `${at % 2 ? second : owner}/1`, chat: 'g1', people: [name] }, 0],
    ),
  ]
  const accepts = (people: readonly string[]): Line[] =>
    people.map((name) => [{ do: 'accept', by: `${name}/1`, chat: 'g1' }, random.between(0, 40)])
  return scene(seed, all, [
    [{ do: 'group', by: `${owner}/1`, chat: 'g1', people: members.slice(1) }, 8_000],
    ...accepts(members.slice(1)),
    [{ do: 'role', by: `${owner}/1`, chat: 'g1', person: second, role: 'admin' }, 4_000],
    [{ do: 'faults', faults: { delay: [10, 300] } }, 0],
    ...random.shuffle([...members.map((name) => says(name)), ...changes]),
    [{ do: 'pass', ms: 6_000 }, 0],
    ...accepts(comers),
    ...random.shuffle([...comers, ...members.slice(0, options.again)]).map((name) => says(name, 1)),
  ])
}
