import type { BotLog, GatewayProblem } from '@dchat/bot-kit'
import { oneLine } from '../io/text.ts'

/** What a bot does as lines: of JSON for programs, and for the author on a terminal. */
export type LogLine = readonly [type: string, fields: object, text: string]

const nameOf = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : String(error))

export const logLine = (entry: BotLog): LogLine => {
  if (entry.type === 'event') {
    const { event } = entry
    const { sender, conversation } = event.data
    const where = conversation.kind === 'group' ? ` in ${conversation.title ?? conversation.id}` : ''
    const isMessage = event.type === 'message.created' || event.type === 'message.edited'
    const words = isMessage ? `: ${event.data.message.text}` : ''
    return ['event', { event }, oneLine(`> ${event.type} ${sender.name ?? sender.id.slice(0, 12)}${where}${words}`)]
  }
  if (entry.type === 'action') {
    const { eventId, action } = entry
    const words = 'text' in action && action.text !== undefined ? `: ${action.text}` : ''
    return ['action', { event_id: eventId, action }, oneLine(`< ${action.do}${words}`)]
  }
  const { eventId, ms } = entry
  const isFailed = 'error' in entry
  const text = isFailed ? `! ${nameOf(entry.error)}` : `= handled in ${Math.round(ms)} ms`
  return ['handled', { event_id: eventId, ms, ...(isFailed && { error: nameOf(entry.error) }) }, oneLine(text)]
}

export const problemLine = (problem: GatewayProblem): LogLine => {
  const { type: kind, endpoint, reason } = problem
  const event = 'eventId' in problem ? { event_id: problem.eventId } : {}
  const attempt = 'attempt' in problem ? { attempt: problem.attempt } : {}
  return ['problem', { kind, webhook: endpoint, ...event, ...attempt, reason }, `! ${endpoint}: ${kind}: ${reason}`]
}
