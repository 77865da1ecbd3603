import { type CborValue, decodeCbor, encodeCbor } from '../../../src/protocol/wire/cbor.ts'

/** A receipt with one thing changed. */
export interface Edited {
  /** `steps[2].receipt.time`; inside signed bytes it goes on: `steps[2].offer[0].terms.text`. */
  readonly path: string
  readonly change: string
  readonly encoded: Uint8Array
}

type Leaf = Uint8Array | number | string | boolean | null
type Tree = Leaf | readonly Tree[] | { readonly [name: string]: Tree }

/** Bytes that are CBOR themselves, opened: what was signed by people is looked into. */
const NESTED = [/^steps\[\d+\]\.offer$/, /^steps\[\d+\]\.offer\[0\]$/, /^people\[\d+\]\.log\[\d+\]$/]

const isLeaf = (tree: Tree): tree is Leaf => typeof tree !== 'object' || tree === null || tree instanceof Uint8Array
const inside = (path: string, tree: Tree): Tree | undefined =>
  tree instanceof Uint8Array && NESTED.some((nested) => nested.test(path))
    ? (decodeCbor(tree, path) as Tree)
    : undefined

const join = (path: string, name: string | number): string =>
  typeof name === 'number' ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`

const childrenOf = (tree: Exclude<Tree, Leaf>): readonly (readonly [string | number, Tree])[] =>
  Array.isArray(tree) ? [...tree.entries()] : Object.entries(tree)

const withChild = (tree: Exclude<Tree, Leaf>, name: string | number, child: Tree): Tree =>
  Array.isArray(tree) ? tree.toSpliced(name as number, 1, child) : { ...tree, [name]: child }

/** A place in the file, and the whole file with something else there. */
interface Spot {
  readonly path: string
  readonly tree: Tree
  readonly put: (other: Tree) => Uint8Array
}

const spotsOf = (encoded: Uint8Array): readonly Spot[] => {
  const spots: Spot[] = []
  const visit = ({ path, tree, put }: Spot): void => {
    const opened = inside(path, tree)
    if (opened !== undefined) return visit({ path, tree: opened, put: (other) => put(encodeCbor(other as CborValue)) })
    spots.push({ path, tree, put })
    if (isLeaf(tree)) return
    for (const [name, child] of childrenOf(tree))
      visit({ path: join(path, name), tree: child, put: (other) => put(withChild(tree, name, other)) })
  }
  const whole = decodeCbor(encoded, 'receipt') as Tree
  visit({ path: '', tree: whole, put: (other) => encodeCbor(other as CborValue) })
  return spots
}

export const leavesOf = (encoded: Uint8Array): readonly { readonly path: string }[] =>
  spotsOf(encoded).filter(({ tree }) => isLeaf(tree))

const flipped = (bytes: Uint8Array, at: number): Uint8Array => {
  const out = bytes.slice()
  out[at] = (out[at] as number) ^ 1
  return out
}

const othersOf = (leaf: Leaf): Readonly<Record<string, Leaf>> => {
  if (leaf instanceof Uint8Array)
    return {
      'another first byte': flipped(leaf, 0),
      'another byte in the middle': flipped(leaf, leaf.length >> 1),
      'another last byte': flipped(leaf, leaf.length - 1),
      'a byte less': leaf.slice(1),
      'a byte more': new Uint8Array([...leaf, 0]),
    }
  if (typeof leaf === 'number')
    return {
      'one more': leaf + 1,
      ...(leaf > 0 ? { 'one less': leaf - 1, nothing: 0 } : {}),
      'as much as there is': Number.MAX_SAFE_INTEGER,
      text: `${leaf}`,
    }
  if (typeof leaf === 'string')
    return { 'a sign more': `${leaf}x`, 'a sign less': leaf.slice(1), nothing: '', 'a number': 1 }
  return { 'the opposite': !leaf }
}

/** The file once for each change of each field that is no list and no map. */
export function* changesOf(encoded: Uint8Array): Generator<Edited> {
  for (const { path, tree, put } of spotsOf(encoded))
    if (isLeaf(tree))
      for (const [change, other] of Object.entries(othersOf(tree))) yield { path, change, encoded: put(other) }
}

/** The file with something left out, said twice, exchanged or added. */
export function* shapesOf(encoded: Uint8Array): Generator<Edited> {
  for (const { path, tree, put } of spotsOf(encoded)) {
    if (isLeaf(tree)) continue
    if (!Array.isArray(tree)) yield { path, change: 'a field more', encoded: put({ ...tree, more: 1 }) }
    for (const [name, child] of childrenOf(tree)) {
      const at = join(path, name)
      if (!Array.isArray(tree)) {
        const { [name]: _, ...rest } = tree as Readonly<Record<string, Tree>>
        yield { path: at, change: 'left out', encoded: put(rest) }
        continue
      }
      const place = name as number
      yield { path: at, change: 'left out', encoded: put(tree.toSpliced(place, 1)) }
      yield { path: at, change: 'twice', encoded: put(tree.toSpliced(place, 0, child)) }
      if (place > 0)
        yield {
          path: at,
          change: 'exchanged',
          encoded: put(tree.toSpliced(place - 1, 2, child, tree[place - 1] as Tree)),
        }
    }
  }
}
