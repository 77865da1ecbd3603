import { patienceOf } from '../command/common.ts'
import { defineCommand } from '../command/define.ts'
import { archiveText, progressFields, progressText } from '../io/history-lines.ts'
import { createProgress } from '../io/progress.ts'

export const historyStatus = defineCommand({
  name: 'history status',
  description: 'Show how far this device has got with the past, and what is kept in the archive',
  args: {},
  options: {},
  example: 'dchat history --json',
  usual: true,
  run: async (_, { session, out, signal }) => {
    const { progress, archive } = await (await session()).call('history.status', {}, { signal })
    await out.result(
      { progress: progressFields(progress), archive },
      `${progressText(progress)}\n${archiveText(archive)}`,
    )
  },
})

export const historyFetch = defineCommand({
  name: 'history fetch',
  description: 'Take what this device was not there for, newest first, and wait until it is here',
  args: {},
  options: { again: { type: 'flag', description: 'From the beginning; what is here is passed over' } },
  example: 'dchat history fetch --timeout 5m',
  run: async ({ again }, context) => {
    const { session, out, globals, signal } = context
    const line = createProgress(context, 'Taking the past')
    try {
      const stream = (await session()).stream('history.fetch', { again, ...patienceOf(globals) }, { signal })
      for await (const progress of stream) {
        if (progress.state === 'receiving') {
          line.tell(progress.messages, progress.total ?? 0)
          continue
        }
        line.end()
        if (progress.state === 'waiting') out.note(progressText(progress))
        else await out.result(progressFields(progress), progressText(progress))
      }
    } finally {
      line.end()
    }
  },
})
