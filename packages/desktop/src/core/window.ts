import * as z from 'zod/mini'

/** In device-independent pixels. */
export interface Bounds {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface WindowPlace extends Partial<Bounds> {
  readonly width: number
  readonly height: number
  readonly maximized: boolean
}

export const SMALLEST = { width: 360, height: 480 } as const
const FIRST: WindowPlace = { width: 1180, height: 780, maximized: false }
/** How much of the window has to be on a screen, so that somebody can take hold of it. */
const HOLD = 80

const number = z.int().check(z.minimum(-100_000), z.maximum(100_000))
const place = z.object({ x: number, y: number, width: number, height: number, maximized: z.boolean() })

const overlap = (from: number, size: number, otherFrom: number, otherSize: number): number =>
  Math.min(from + size, otherFrom + otherSize) - Math.max(from, otherFrom)

const canBeHeld = (bounds: Bounds, area: Bounds): boolean =>
  overlap(bounds.x, bounds.width, area.x, area.width) >= HOLD &&
  // Its upper edge has the title bar.
  bounds.y >= area.y &&
  bounds.y <= area.y + area.height - HOLD

/**
 * Where the window opens: where it was closed, unless that is on no screen any more. `remembered` is what `rememberPlace`
 * wrote, or anything else; `areas` are the free parts of the screens.
 */
export const placeOf = (remembered: string | undefined, areas: readonly Bounds[]): WindowPlace => {
  let parsed: unknown
  try {
    parsed = JSON.parse(remembered ?? 'null')
  } catch {
    return FIRST
  }
  const read = place.safeParse(parsed)
  if (!read.success) return FIRST
  const { maximized } = read.data
  const width = Math.max(SMALLEST.width, read.data.width)
  const height = Math.max(SMALLEST.height, read.data.height)
  const bounds = { x: read.data.x, y: read.data.y, width, height }
  return areas.some((area) => canBeHeld(bounds, area)) ? { ...bounds, maximized } : { width, height, maximized }
}

/** `bounds`: of the window when it is not maximized. */
export const rememberPlace = (bounds: Bounds, maximized: boolean): string =>
  JSON.stringify({ x: bounds.x, y: bounds.y, width: bounds.width, height: bounds.height, maximized })

/** How every window of the app is made; the page has no more rights than in a browser. */
export const windowOptions = (preload: string, { maximized: _, ...bounds }: WindowPlace, dark: boolean) => ({
  ...bounds,
  minWidth: SMALLEST.width,
  minHeight: SMALLEST.height,
  show: false,
  title: 'dchat',
  backgroundColor: dark ? '#0d0f13' : '#f6f7f9',
  autoHideMenuBar: true,
  webPreferences: {
    preload,
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    spellcheck: true,
  },
})
