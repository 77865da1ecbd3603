import { type CommandHere, usageOf } from './bot-commands.ts'
import { beginsOrHas } from './completions.svelte.ts'
import type { Suggestion } from './Suggestions.svelte'
import type { ComposerAction, Scope } from './scope.svelte.ts'

/** Several bots have it: it is told for which it is meant. */
const isShared = ({ name, bot }: CommandHere, all: readonly CommandHere[]): boolean =>
  all.some((other) => other.name === name && other.bot !== bot)

/** What a bot is called behind the `@` of a command. */
const calledOf = ({ botName }: CommandHere): string => botName.toLowerCase().replace(/\s+/gu, '')

/** What a `/` lists for a word in lower case: with a bot what it can be asked, then what the app begins; else after that. */
export const commandsFor = (scope: Scope, own: readonly ComposerAction[], word: string): readonly Suggestion[] => {
  const ofApp = own
    .filter(({ command, label }) => command.startsWith(word) || beginsOrHas(label, word))
    .map(({ command, label, icon, run }) => ({
      key: command,
      text: '',
      label,
      icon,
      typed: `/${command}`,
      run: () => run(scope.record),
    }))
  const ofBots = scope.botCommands
    .filter(({ name }) => name.startsWith(word))
    .map((command) => ({
      key: `${command.bot}/${command.name}`,
      text: isShared(command, scope.botCommands) ? `/${command.name}@${calledOf(command)}` : `/${command.name}`,
      label: usageOf(command),
      detail: command.description,
      face: command.bot,
      of: command.botName,
      tellsOf: scope.isGroup,
      isWhole: command.args?.every(({ optional }) => optional === true) ?? true,
    }))
  return scope.isGroup ? [...ofApp, ...ofBots] : [...ofBots, ...ofApp]
}
