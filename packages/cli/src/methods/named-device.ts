import { DchatError } from '@dchat/sdk/errors'

const refuse = (reason: string) => new DchatError('usage/invalid-argument', { name: 'device', reason })

/** The device that is meant by its id, the beginning of it, or its name. Throws `usage/invalid-argument`. */
export const deviceNamed = <D extends { readonly id: string; readonly name?: string; readonly revoked: boolean }>(
  devices: readonly D[],
  wanted: string,
): D => {
  const sure = devices.filter(({ id }) => id === wanted)
  const likely = devices.filter(({ id, name, revoked }) => !revoked && (name === wanted || id.startsWith(wanted)))
  const [found, ...others] = sure.length > 0 ? sure : likely
  if (found === undefined) throw refuse('you have no such device; "dchat devices list" shows them')
  if (others.length > 0) throw refuse('several of your devices are called so; give the id')
  return found
}
