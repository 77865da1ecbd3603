/** The layers of the app, as ARCHITECTURE.md draws them. A layer may always import itself. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  core: [],
  main: ['core'],
  preload: ['core'],
  'service-worker': [],
  'renderer/lib': [],
  'renderer/host': ['core'],
  'renderer/design': ['renderer/lib'],
  'renderer/state': ['renderer/lib', 'core'],
  'renderer/features': ['renderer/design', 'renderer/state', 'renderer/lib', 'core'],
  'renderer/app': ['renderer/features', 'renderer/design', 'renderer/state', 'renderer/host', 'renderer/lib', 'core'],
  // The scripts of the pages.
  renderer: ['renderer/app', 'renderer/design', 'renderer/state'],
}

/** `renderer/features/offers/Card.svelte` is of layer `renderer/features`; `renderer/main.ts` of `renderer`. */
const layerOf = (path: string): string => {
  const [first = '', second = '', third] = path.split('/')
  return first === 'renderer' && third !== undefined ? `${first}/${second}` : first
}

/** `offers`, of a file of that feature. */
const featureOf = (path: string): string | undefined => /^renderer\/features\/([^/]+)\//.exec(path)?.[1]

/** Packages that one layer alone may know, or that one may not. */
const isForeign = (layer: string, specifier: string): boolean => {
  const name = specifier.split('/')[0]
  if (name === 'electron') return layer !== 'main' && layer !== 'preload'
  if (name === 'svelte') return !layer.startsWith('renderer') || layer === 'renderer/host'
  // A design system knows no domain.
  return name === '@dchat' && layer === 'renderer/design'
}

/** Why an import of a file of the app is wrong, or undefined. Paths are relative to the package's `src`. */
export const desktopObjection = (from: string, to: string): string | undefined => {
  const [source, target] = [layerOf(from), layerOf(to)]
  const may = MAY[source]
  if (may === undefined) return `${from} stands in no known layer`
  if (featureOf(from) !== featureOf(to) && source === target) return `${from} imports another feature: ${to}`
  if (source === target || may.includes(target)) return undefined
  return `${from} imports ${to}: ${source} may not know ${target}`
}

/** Why a layer of the app may not import a package, or undefined. */
export const packageObjection = (from: string, specifier: string): string | undefined =>
  isForeign(layerOf(from), specifier) ? `${from} imports ${specifier}` : undefined
