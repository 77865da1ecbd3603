import { writeJob } from '../commit/job.ts'
import { needCertified } from './certified.ts'
import { ANSWER_BYTES, type Handlers } from './handler.ts'

export const archiveHandlers: Pick<Handlers, 'archive.put' | 'archive.get' | 'archive.list'> = {
  'archive.put': async ({ device, address, slot, body }, { relay, proofs }) => {
    proofs.needDevice(device)
    await needCertified(relay, device, address)
    const limits = { slots: relay.limits.archiveSlots, bytes: relay.limits.archiveBytes }
    await relay.committer.submit(
      writeJob<'archive.put'>((time) => ({ type: 'archive.put', address, slot, body, time, limits })),
    )
    return {}
  },
  'archive.get': async ({ device, address, slot }, { relay, proofs }) => {
    proofs.needDevice(device)
    await needCertified(relay, device, address)
    return (await relay.store.archiveSlot(address, slot)) ?? { body: null, time: 0 }
  },
  'archive.list': async ({ device, address, after, limit }, { relay, proofs }) => {
    proofs.needDevice(device)
    await needCertified(relay, device, address)
    return { slots: await relay.store.archive(address, after, { limit, bytes: ANSWER_BYTES }) }
  },
}
