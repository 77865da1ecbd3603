import { DchatError } from '../../errors.ts'

/** What became of an action whose message was deleted before it could leave. */
export const needless = (): DchatError => new DchatError('message/not-permitted', { reason: 'it is deleted' })
