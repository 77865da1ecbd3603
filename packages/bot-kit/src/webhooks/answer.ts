import { type Action, answerSchema } from '../actions/action.ts'
import { ANSWER_LIMIT, type Posted } from './post.ts'

/** What a webhook's answer says: pure decisions over what came back. */

export type ReadAnswer = { readonly actions: readonly Action[] } | { readonly unusable: string }

const textOf = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * The actions of an answer. Without a body there are none, and what is not JSON at all ("OK") is no answer; JSON that does
 * not have the form of one is unusable.
 */
export const readAnswer = ({ body, header }: Pick<Posted, 'body' | 'header'>): ReadAnswer => {
  if (body === undefined) return { unusable: `it is longer than ${ANSWER_LIMIT} bytes` }
  const text = textOf(body)
  const isJson = /[/+]json\b/.test(header('content-type') ?? '')
  if (text === undefined) return isJson ? { unusable: 'it is not UTF-8' } : { actions: [] }
  const trimmed = text.trim()
  if (trimmed === '' || (!isJson && !trimmed.startsWith('{'))) return { actions: [] }
  const value = jsonOf(trimmed)
  if (value === undefined) return { unusable: 'it is not JSON' }
  const parsed = answerSchema.safeParse(value)
  if (parsed.success) return { actions: parsed.data.actions }
  const [issue] = parsed.error.issues
  return { unusable: `${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'it is no answer'}` }
}

/** `retry-after` in ms: seconds, or a date. */
export const retryAfter = (value: string | undefined, now: number): number | undefined => {
  if (value === undefined) return undefined
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000
  const at = Date.parse(value)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}
