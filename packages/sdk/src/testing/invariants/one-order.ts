import { type Invariant, type MessageSight, type Sight, type Spot, spotName } from './sight.ts'

/**
 * One order: a place holds the same message at everybody, a message stands at one place, each device's list is sorted
 * without doubles, and the relay showed everybody the same chain.
 */
export const oneOrder = (): Invariant => {
  const atSpot = new Map<string, { readonly id: string; readonly device: string }>()
  const spots = new Map<string, { readonly spot: Spot; readonly device: string }>()
  const heads = new Map<string, { readonly head: string; readonly device: string }>()

  const place = (device: string, { id, spot }: MessageSight): readonly string[] => {
    if (spot === undefined) return []
    const name = spotName(spot)
    const other = atSpot.get(name) ?? { id, device }
    atSpot.set(name, other)
    const earlier = spots.get(id) ?? { spot, device }
    spots.set(id, earlier)
    return [
      ...(other.id === id ? [] : [`${name} is one message at ${other.device} and another at ${device}`]),
      ...(spotName(earlier.spot) === name
        ? []
        : [`a message stands at ${spotName(earlier.spot)} at ${earlier.device} and at ${name} at ${device}`]),
    ]
  }

  return {
    name: 'one order',
    look: ({ device, fresh, messages }) => [
      ...fresh.messages.flatMap((message) => place(device, message)),
      ...(fresh.messages.length > 0 ? doubles(device, messages) : []),
      ...fresh.rooms.flatMap(({ topic, heads: seen }) =>
        [...seen].flatMap(([seq, head]) => {
          const name = `${topic.slice(0, 8)}:${seq}`
          const known = heads.get(name) ?? { head, device }
          heads.set(name, known)
          return known.head === head ? [] : [`the chain at ${name} is one at ${known.device} and another at ${device}`]
        }),
      ),
    ],
  }
}

const doubles = (device: string, messages: Sight['messages']): readonly string[] => {
  const taken = new Map<string, string>()
  return [...messages.values()].flatMap(({ id, spot }) => {
    if (spot === undefined) return []
    const name = spotName(spot)
    const other = taken.get(name)
    taken.set(name, id)
    return other === undefined ? [] : [`${device} shows two messages at ${name}`]
  })
}
