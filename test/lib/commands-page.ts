import type { Command } from '../../packages/cli/src/command/define.ts'
import { GLOBAL_OPTIONS } from '../../packages/cli/src/command/globals.ts'
import type { OptionSpec, OptionSpecs } from '../../packages/cli/src/command/spec.ts'
import { argUsage } from '../../packages/cli/src/command/spec.ts'
import { COMMANDS } from '../../packages/cli/src/command/table.ts'

const placeholderOf = (spec: OptionSpec): string => {
  if (spec.type === 'flag') return ''
  const value = spec.type === 'text' && spec.choices !== undefined ? spec.choices.join('\\|') : spec.placeholder
  return ` ${value.replace('P|-', 'P\\|-')}`
}

const options = (specs: OptionSpecs): readonly string[] => [
  '| option | |',
  '|---|---|',
  ...Object.entries(specs).map(([name, spec]) => {
    const alias = 'alias' in spec && spec.alias !== undefined ? `, \`-${spec.alias}\`` : ''
    return `| \`--${name}${placeholderOf(spec)}\`${alias} | ${spec.description.replaceAll('|', '\\|')} |`
  }),
  '',
]

const section = ({ name, description, args, options: specs, example, usual }: Command): string => {
  const words = Object.entries(args).map(argUsage)
  const short = usual === true ? `\`dchat ${name.split(' ').slice(0, -1).join(' ')}\` does the same.` : ''
  return [
    `## dchat ${[name, ...words].join(' ')}`,
    '',
    `${description}. ${short}`.trim(),
    '',
    ...Object.entries(args).map(([arg, spec]) => `- \`${arg}\`: ${spec.description}.`),
    ...(words.length > 0 ? [''] : []),
    ...(Object.keys(specs).length > 0 ? options(specs) : []),
    '```sh',
    example,
    '```',
    '',
  ].join('\n')
}

/** The page `docs/commands.md`, made from the table of commands. */
export const commandsPage = (): string =>
  [
    '# Commands',
    '',
    'Made from the table of commands in `packages/cli/src/command/table.ts` by `npm run docs`; a test holds it there.',
    'How the commands behave together stands in [the command line](cli.md).',
    '',
    ...COMMANDS.map(section),
    '## Understood by every command',
    '',
    ...options(GLOBAL_OPTIONS),
  ].join('\n')
