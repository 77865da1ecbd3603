import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { deviceIdOf, parseAddress } from '../../src/protocol/identity/address.ts'
import { restoreIdentity } from '../../src/protocol/identity/identity.ts'
import { verifyLog } from '../../src/protocol/identity/log.ts'
import { fromHex, toHex } from '../../src/util/bytes.ts'
import { identityVectors, logVectors } from './vectors.ts'

/** `npx vitest run test/identity/vectors.test.ts -u` writes the files anew. */
const folder = join(import.meta.dirname, '../../vectors/identity')
const json = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`
const load = <T>(name: string): T => JSON.parse(readFileSync(join(folder, name), 'utf8')) as T

test('the published vectors are what this code makes', async () => {
  await expect(json(identityVectors())).toMatchFileSnapshot(join(folder, 'identities.json'))
  await expect(json(logVectors())).toMatchFileSnapshot(join(folder, 'logs.json'))
})

test('identities.json: keys and address follow from the phrase', () => {
  const { identities, devices } = load<ReturnType<typeof identityVectors>>('identities.json')
  for (const vector of identities) {
    const { address, roots } = restoreIdentity(vector.phrase, { kind: vector.kind })
    expect(address).toBe(parseAddress(vector.address))
    expect(toHex(roots.root.publicKey)).toBe(vector.rootKey)
    expect(toHex(roots.recovery.publicKey)).toBe(vector.recoveryKey)
    expect(toHex(roots.archiveSeed)).toBe(vector.archiveSeed)
    expect(verifyLog([fromHex(vector.genesis) as Uint8Array]).address).toBe(vector.address)
  }
  for (const { deviceKey, device } of devices) expect(deviceIdOf(fromHex(deviceKey) as Uint8Array)).toBe(device)
})

const logs = load<ReturnType<typeof logVectors>>('logs.json')
const bytes = (log: readonly number[]): Uint8Array[] =>
  log.map((place) => fromHex(logs.entries[place] as string) as Uint8Array)

test.each(logs.valid)('logs.json: $name verifies', (vector) => {
  const log = verifyLog(bytes(vector.log))
  expect(log.address).toBe(vector.address)
  expect(toHex(log.head)).toBe(vector.head)
  expect(toHex(log.currentRoot)).toBe(vector.root)
  expect(toHex(log.currentRecoveryHash)).toBe(vector.recoveryHash)
  expect(log.relays).toEqual(vector.relays)
  const devices = [...log.devices.values()].map(({ device, addedAt, revokedAt }) => ({ device, addedAt, revokedAt }))
  expect(devices).toEqual(vector.devices)
})

test.each(logs.invalid)('logs.json: $name is refused', ({ log, error }) => {
  expect(() => verifyLog(bytes(log))).toThrow(expect.objectContaining({ name: 'DchatError', code: error }))
})
