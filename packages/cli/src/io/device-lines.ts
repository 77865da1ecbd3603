import type { DeviceView } from '../methods/device-types.ts'
import type { Style } from './text.ts'
import { localTime, oneLine } from './text.ts'

/** The fields of a device: what docs/cli.md lists under "device". */
export const deviceFields = ({ id, name, isThis, addedAt, revoked, holdsRoot }: DeviceView): object => ({
  id,
  ...(name === undefined ? {} : { name }),
  this_device: isThis,
  revoked,
  ...(addedAt === undefined ? {} : { added_at: new Date(addedAt).toISOString() }),
  ...(holdsRoot === undefined ? {} : { holds_root: holdsRoot }),
})

/** How a device is called in sentences. */
export const deviceTitle = ({ id, name }: Pick<DeviceView, 'id' | 'name'>): string =>
  name === undefined ? id : `"${oneLine(name)}"`

export const deviceText = (device: DeviceView, style: Style): string => {
  const { id, name, isThis, addedAt, revoked } = device
  const parts = [
    id,
    name === undefined ? '(no name)' : oneLine(name),
    ...(addedAt === undefined ? [] : [`since ${localTime(addedAt)}`]),
    ...(isThis ? ['this device'] : []),
    ...(revoked ? ['revoked'] : []),
  ]
  const line = parts.join('  ')
  return revoked ? style.dim(line) : line
}
