import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { eventSchema } from '../../src/events/event.ts'
import { jsonSchemas } from '../../src/schemas.ts'

const schemas = Object.entries(jsonSchemas())

test.each(schemas)('schemas/%s.json is what the types say today (vitest -u writes it)', async (name, schema) => {
  await expect(`${JSON.stringify(schema, undefined, 2)}\n`).toMatchFileSnapshot(`../../schemas/${name}.json`)
})

test('there is no other file beside them', () => {
  const files = readdirSync(new URL('../../schemas', import.meta.url))
  expect(files.toSorted()).toEqual(schemas.map(([name]) => `${name}.json`).toSorted())
})

test('the schema of events knows every type, and forbids no field that it does not know', () => {
  const { oneOf } = jsonSchemas().event as {
    oneOf: { properties: { type: { const: string } }; additionalProperties: unknown }[]
  }
  expect(oneOf.map(({ properties }) => properties.type.const)).toEqual(
    eventSchema.options.map(({ shape }) => shape.type.value),
  )
  for (const { additionalProperties } of oneOf) expect(additionalProperties).not.toBe(false)
})
