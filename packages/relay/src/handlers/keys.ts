import { CLAIM_LIMIT, sha256 } from '@dchat/sdk/wire'
import { writeJob } from '../commit/job.ts'
import { needCertified, needUnrevoked } from './certified.ts'
import type { Handlers } from './handler.ts'

export const keyHandlers: Pick<Handlers, 'keys.publish' | 'keys.count' | 'keys.claim'> = {
  'keys.publish': async ({ device, suite, oneTime, lastResort, replace }, { relay, proofs }) => {
    proofs.needDevice(device)
    await needCertified(relay, device)
    return relay.committer.submit(
      writeJob<'keys.publish'>((time) => ({
        type: 'keys.publish',
        device,
        suite,
        oneTime: oneTime.map((body) => ({ hash: sha256(body), package: body })),
        lastResort,
        replace,
        time,
        limit: relay.limits.packages,
      })),
    )
  },
  'keys.count': async ({ device, suite }, { relay, proofs }) => {
    proofs.needDevice(device)
    await needUnrevoked(relay, device)
    return relay.store.packageCount(device, suite)
  },
  'keys.claim': async ({ address, suite }, link) => {
    const { relay } = link
    const devices = (await relay.identities.activeDevices(address)).slice(0, CLAIM_LIMIT)
    relay.rates.claims.take(link.id, Math.max(1, devices.length))
    if (devices.length === 0) return { packages: [] }
    // Whoever asks again and again gets what does not run out: the others still find packages that are used once.
    const spare = !relay.rates.claimsFrom.mayTake(`${address} ${link.address}`, 1)
    return relay.committer.submit(
      writeJob<'keys.claim'>((time) => ({ type: 'keys.claim', devices, suite, time, spare })),
    )
  },
}
