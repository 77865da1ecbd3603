import { readFileSync } from 'node:fs'

type Scheme = 'light' | 'dark'
type Rgb = readonly [number, number, number]

const css = readFileSync(new URL('../../src/renderer/design/tokens.css', import.meta.url), 'utf8').replaceAll('"', "'")

const block = (selector: string): ReadonlyMap<string, string> => {
  const start = css.indexOf(`${selector} {`)
  if (start === -1) throw new Error(`tokens.css has no ${selector}`)
  const body = css.slice(start, css.indexOf('\n}', start)).replaceAll(/\/\*[\s\S]*?\*\//g, '')
  return new Map([...body.matchAll(/--([\w-]+):\s*([^;]+);/g)].map(([, name, value]) => [name ?? '', value ?? '']))
}

const base = block(':root')
const contrast = block(":root[data-theme='contrast']")

/** The two halves of `light-dark(a, b)`, at the comma that stands in no bracket. */
const halves = (inner: string): readonly [string, string] => {
  let depth = 0
  for (const [at, letter] of [...inner].entries()) {
    if (letter === '(') depth++
    if (letter === ')') depth--
    if (letter === ',' && depth === 0) return [inner.slice(0, at).trim(), inner.slice(at + 1).trim()]
  }
  throw new Error(`not two colours: ${inner}`)
}

const oklchToLinear = (l: number, c: number, h: number): Rgb => {
  const a = c * Math.cos((h * Math.PI) / 180)
  const b = c * Math.sin((h * Math.PI) / 180)
  const [x, y, z] = [
    (l + 0.3963377774 * a + 0.2158037573 * b) ** 3,
    (l - 0.1055613458 * a - 0.0638541728 * b) ** 3,
    (l - 0.0894841775 * a - 1.291485548 * b) ** 3,
  ] as const
  return [
    4.0767416621 * x - 3.3077115913 * y + 0.2309699292 * z,
    -1.2684380046 * x + 2.6097574011 * y - 0.3413193965 * z,
    -0.0041960863 * x - 0.7034186147 * y + 1.707614701 * z,
  ]
}

/** A token's colour as the browser resolves it, in linear light. Transparent ones have no colour of their own. */
export const colour = (name: string, scheme: Scheme, theme: 'plain' | 'contrast' = 'plain'): Rgb => {
  const resolve = (value: string): Rgb => {
    const pair = /^light-dark\(([\s\S]*)\)$/.exec(value.trim())?.[1]
    if (pair !== undefined) return resolve(halves(pair)[scheme === 'light' ? 0 : 1])
    const reference = /^var\(--([\w-]+)\)$/.exec(value.trim())?.[1]
    if (reference !== undefined) return colour(reference, scheme, theme)
    const [l, c, h] = (/^oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)$/.exec(value.trim()) ?? []).slice(1).map(Number)
    if (l === undefined || c === undefined || h === undefined) throw new Error(`--${name} is no colour: ${value}`)
    return oklchToLinear(l, c, h)
  }
  const value = (theme === 'contrast' ? contrast.get(name) : undefined) ?? base.get(name)
  if (value === undefined) throw new Error(`there is no --${name}`)
  return resolve(value)
}

const clip = (part: number): number => Math.min(1, Math.max(0, part))
const luminance = ([r, g, b]: Rgb): number => 0.2126 * clip(r) + 0.7152 * clip(g) + 0.0722 * clip(b)

/** The ratio of WCAG 2: 1 to 21. */
export const ratio = (a: Rgb, b: Rgb): number => {
  const [dark, light] = [luminance(a), luminance(b)].toSorted((x, y) => x - y) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

/** Whether a screen that knows sRGB alone shows it as it is written; a rounding's breadth is allowed. */
export const fitsScreen = (rgb: Rgb): boolean => rgb.every((part) => part >= -0.004 && part <= 1.004)

export const colourNames: readonly string[] = [...base]
  .filter(([name, value]) => /oklch|var\(--neutral/.test(value) && !/\/ \d|shadow/.test(name + value))
  .map(([name]) => name)
