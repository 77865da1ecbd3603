import type { Host } from '../../core/host.ts'
import { shellOf } from './shell.ts'

/** The machine that this page runs on: the desktop program around it, or else the browser. */
export const openHost = async (): Promise<Host> => {
  const shell = shellOf(globalThis)
  if (shell !== undefined) return (await import('./electron.ts')).electronHost(shell)
  return (await import('./browser.ts')).browserHost()
}
