/** The layers of the SDK, as ARCHITECTURE.md draws them. A layer may always import itself and the leaves. */
const LEAVES = ['records', 'errors', 'util'] as const

const MAY: Readonly<Record<string, readonly string[]>> = {
  util: ['errors'],
  errors: [],
  records: ['errors', 'util'],
  ports: [],
  protocol: ['ports'],
  domain: ['protocol', 'ports'],
  client: ['domain', 'protocol', 'ports'],
  adapters: ['ports', 'protocol'],
  testing: ['client', 'domain', 'protocol', 'ports', 'adapters'],
  platform: ['client', 'domain', 'protocol', 'ports', 'adapters'],
  'index.ts': ['platform', 'client', 'domain', 'protocol', 'ports'],
  'node.ts': ['platform', 'domain', 'ports', 'adapters'],
  'browser.ts': ['platform', 'domain', 'ports', 'adapters'],
  'sqlite.ts': ['ports', 'adapters'],
  'dexie.ts': ['ports', 'adapters'],
  'wire.ts': ['protocol', 'ports'],
  'testing.ts': ['testing', 'client', 'domain', 'protocol', 'ports', 'adapters'],
}

/** `protocol/topic/wrap.ts` is of layer `protocol`; an entry file is a layer of its own. */
const layerOf = (path: string): string => {
  const first = path.split('/')[0] as string
  return first === 'errors.ts' ? 'errors' : first
}

const isLeaf = (layer: string): boolean => (LEAVES as readonly string[]).includes(layer)

/** A folder inside a layer that stands alone: `domain/messages`, `adapters/storage`. */
const part = (path: string): string => path.split('/').slice(0, 2).join('/')

/**
 * Why an import is wrong, or undefined. Paths are relative to the SDK's `src`.
 * - The port of the relay link is typed by the method table, which imports nothing and is shared vocabulary like a record.
 * - Siblings in `domain` do not know each other, and neither do adapters.
 */
export const objection = (from: string, to: string): string | undefined => {
  const [source, target] = [layerOf(from), layerOf(to)]
  const may = MAY[source]
  if (may === undefined) return `${from} stands in no known layer`
  if ((source === 'domain' || source === 'adapters') && source === target && part(from) !== part(to))
    return `${from} imports its sibling ${to}`
  if (source === target) return undefined
  if (source === 'ports' && to === 'protocol/wire/methods.ts') return undefined
  if (isLeaf(target) && !isLeaf(source)) return undefined
  return may.includes(target) ? undefined : `${from} imports ${to}: ${source} may not know ${target}`
}
