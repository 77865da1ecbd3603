import { Tooltip } from 'bits-ui'

interface TooltipText {
  readonly text: string
  /** A shortcut, e.g. "Ctrl+K". */
  readonly keys?: string
  readonly side?: 'top' | 'bottom' | 'left' | 'right'
}

/** All tooltips of a window share one float, which `DesignRoot` draws: thousands of triggers cost next to nothing. */
export const tooltips = Tooltip.createTether<TooltipText>()
