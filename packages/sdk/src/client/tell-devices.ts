import type { StoreWriter } from '../domain/store/store.ts'
import { encodeInvitationAnswer } from '../protocol/inbox/bodies.ts'
import { fromHex, toHex } from '../util/bytes.ts'
import type { Core } from './core.ts'
import { putJob } from './jobs.ts'

/** Tells the own other ones of these devices how an invitation was answered. */
export const tellDevices = async (
  tx: StoreWriter,
  { self, crypto, clock }: Core,
  room: string,
  accepted: boolean,
  devices: readonly { readonly deviceKey: Uint8Array }[],
): Promise<void> => {
  const body = encodeInvitationAnswer({ room: fromHex(room) as Uint8Array, accepted })
  for (const { deviceKey } of devices.filter(({ deviceKey }) => !self.isOwnDevice(deviceKey)))
    await putJob(
      tx,
      `post/answer/${room}/${toHex(deviceKey)}`,
      { kind: 'post', item: 'answer', address: self.address, deviceKey, body, reference: crypto.random(16) },
      clock.now(),
    )
}
