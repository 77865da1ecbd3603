import { add, DATA, engine, follow, grow, join, judge, newcomer, packageOf, SUITE, warm } from '../kit.mjs'

const update = (group) => engine.commit(group, { kind: 'update' }, DATA)

/** Building it: each step is one commit with its Welcomes; a member of the step before follows, a newcomer joins. */
const growing = async ({ steps }, runs) => {
  const cases = []
  for (const { at, step } of [
    { at: 0, step: steps[0] },
    { at: steps.length - 1, step: steps.at(-1) },
  ]) {
    const { before, newcomers, pending } = step
    const [from, to] = [before.members.length, pending.next.members.length]
    const { tree } = await engine.publicState(pending.next)
    let added = pending
    cases.push({
      name: `add ${newcomers.length} to ${from}`,
      runs,
      run: async () => {
        added = await add(before, newcomers)
      },
      bytes: () => added.commit.length,
    })
    cases.push({
      name: `join as one of ${to}`,
      runs,
      run: () => engine.join(pending.welcome, tree, newcomers.at(-1).pair),
      bytes: () => pending.welcome.length,
    })
    if (at === 0) continue
    const earlier = steps[at - 1]
    const member = await join(earlier.pending, earlier.newcomers[0])
    cases.push({ name: `process that add of ${newcomers.length}`, runs, run: () => follow(member, pending.commit) })
  }
  return cases
}

/** One change and what another member makes of it. */
const changing = async (label, committer, other, change, runs) => {
  let made = await engine.commit(committer, change, DATA)
  const { commit } = made
  const verdict = await judge(other, commit)
  return [
    {
      name: label,
      runs,
      run: async () => {
        made = await engine.commit(committer, change, DATA)
      },
      bytes: () => made.commit.length,
    },
    { name: `judge: ${label}`, runs, run: () => judge(other, commit) },
    { name: `apply: ${label}`, runs, run: () => engine.apply(other, commit, verdict) },
  ]
}

const joiningWarm = async (committer, runs) => {
  const last = await newcomer()
  const pending = await add(committer, [last])
  const { tree } = await engine.publicState(pending.next)
  return [
    { name: 'join, warm', runs, run: () => engine.join(pending.welcome, tree, last.pair), bytes: () => tree.length },
  ]
}

const rejoining = async (committer, device, runs) => {
  const shared = await engine.publicState(committer)
  let made
  return [
    {
      name: 'rejoin by external commit, warm',
      runs,
      prepare: () => packageOf(device),
      run: async (pair) => {
        made = await engine.externalCommit(shared, pair, DATA)
      },
      bytes: () => made.commit.length,
    },
  ]
}

const storing = async (committer, runs) => {
  let encoded = engine.encode(committer)
  return [
    {
      name: 'encode the state after a commit',
      runs,
      prepare: async () => (await update(committer)).next,
      run: (group) => {
        encoded = engine.encode(group)
      },
      bytes: () => encoded.tree.length + encoded.state.length,
    },
    { name: 'decode the state', runs, run: () => engine.decode(encoded, SUITE) },
  ]
}

/** @type {import('../runner.mjs').Suite} */
export const suite = {
  name: 'group',
  title: 'A group that grows in batches, then lives',
  unit: 'ms',
  rounds: 3,
  setup: async (size) => {
    const [members, batch, runs] = size === 'quick' ? [12, 4, 3] : [500, 50, 15]
    const grown = await grow(members, batch)
    const { people, group, steps } = grown
    const joined = await join(steps.at(-1).pending, steps.at(-1).newcomers.at(-1))
    const { committer, other } = await warm(group, people)
    const middle = Math.floor(members / 2)
    const change = (label, change) => changing(label, committer, other, change, runs)
    return [
      { name: `create and add ${members - 1}`, runs: 3, run: () => grow(members, batch) },
      ...(await growing(grown, runs)),
      ...(await changing('empty commit, cold', group, joined, { kind: 'update' }, runs)),
      ...(await change('empty commit, warm', { kind: 'update' })),
      ...(await change('add one, warm', { kind: 'add', keyPackages: [(await newcomer()).pair.publicPackage] })),
      ...(await change('remove one, warm', { kind: 'remove', leaves: [middle] })),
      ...(await joiningWarm(committer, runs)),
      ...(await rejoining(committer, people[middle].device, Math.min(runs, 6))),
      ...(await storing(committer, runs)),
    ]
  },
}
