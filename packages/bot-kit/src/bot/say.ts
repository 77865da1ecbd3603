import type { Action } from '../actions/action.ts'
import type { Keyboard } from '../events/event.ts'
import type { Saying } from './context.ts'
import type { Rows } from './keyboard.ts'

type Said = Pick<Extract<Action, { do: 'send' }>, 'text' | 'format' | 'keyboard'>

const rowsOf = (given: Keyboard | Rows): Keyboard => ('rows' in given ? given.rows() : given)

/** What is said, as actions have it. */
export const saidOf = (saying: Saying): Said => {
  if (typeof saying === 'string') return { text: saying }
  const { keyboard } = saying
  const words = 'markdown' in saying ? { text: saying.markdown, format: 'markdown' as const } : { text: saying.text }
  return { ...words, ...(keyboard && { keyboard: rowsOf(keyboard) }) }
}
