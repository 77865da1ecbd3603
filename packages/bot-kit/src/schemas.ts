import { z } from 'zod'
import { actionSchema, answerSchema } from './actions/action.ts'
import { eventSchema } from './events/event.ts'

type JsonSchema = z.core.JSONSchema.BaseSchema

const titled = (title: string, schema: z.ZodType, io: 'input' | 'output'): JsonSchema => ({
  title,
  ...z.toJSONSchema(schema, { io, target: 'draft-2020-12' }),
})

/** What bots are sent and what they answer as JSON Schema (2020-12), by the name of its file in `schemas/`. */
export const jsonSchemas = (): Readonly<Record<'event' | 'action' | 'answer', JsonSchema>> => ({
  event: titled('What happened in a conversation, as a bot is told', eventSchema, 'output'),
  action: titled('What a bot does', actionSchema, 'input'),
  answer: titled('The answer to an event, and the body of POST /v1/actions', answerSchema, 'input'),
})
