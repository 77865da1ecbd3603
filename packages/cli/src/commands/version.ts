import { defineCommand } from '../command/define.ts'
import { VERSION } from '../version.ts'

export const version = defineCommand({
  name: 'version',
  description: 'Print the version',
  args: {},
  options: {},
  example: 'dchat version --json',
  run: async (_values, { out }) => {
    const data = { version: VERSION, node: process.versions.node }
    await out.result(data, `dchat ${data.version} (Node ${data.node})`)
  },
})
