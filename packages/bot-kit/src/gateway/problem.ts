/** What the operator of a bot should know; nothing of it stops the gateway. */
export type GatewayProblem =
  /** An attempt failed; it is tried again. */
  | {
      readonly type: 'delivery.failed'
      readonly endpoint: string
      readonly eventId: string
      readonly attempt: number
      readonly reason: string
    }
  /** An event was given up, and is a dead letter. */
  | { readonly type: 'delivery.dead'; readonly endpoint: string; readonly eventId: string; readonly reason: string }
  /** The endpoint handled the event, but what it answered cannot be used or done. */
  | {
      readonly type: 'answer.unusable'
      readonly endpoint: string
      readonly eventId: string
      readonly reason: string
    }
  | { readonly type: 'endpoint.disabled'; readonly endpoint: string; readonly reason: string }

/** What went wrong, in words that hold nothing of anybody's: errors of libraries may quote what they read. */
export const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'something was thrown that is no error'
  const { code } = error as { code?: unknown }
  if (error.name === 'DchatError') return error.message
  return typeof code === 'string' ? `${error.name} (${code})` : error.name
}
