import { ERRORS, type ErrorCode, type ErrorInfo } from '../../packages/sdk/src/errors.ts'

const FAMILIES: Readonly<Record<string, string>> = {
  usage: 'The call or the command was not right.',
  identity: 'Who one is, who the other is, and the keys between them.',
  storage: 'The store on this machine.',
  transport: 'The way to the relay.',
  relay: 'What the relay answered, or was caught at.',
  protocol: 'Data that does not have its agreed form.',
  crypto: 'Signatures and encryption.',
  conversation: 'Conversations and their rules.',
  message: 'Single messages.',
  offer: 'Trade offers, and the receipts of what was agreed.',
  webhook: 'Webhooks of bots.',
  backup: 'Backup files and what they are read into.',
  internal: 'Faults of dchat itself.',
}

/** Stands for each detail in a sentence: `<relay>`. Lists are joined before they are printed. */
const placeholders = (): never =>
  new Proxy(
    {},
    { get: (_, name) => ({ toString: () => `<${String(name)}>`, join: () => `<${String(name)}>` }) },
  ) as never

const section = (code: ErrorCode): string => {
  const info = ERRORS[code] as ErrorInfo
  return [
    `### ${code}`,
    '',
    `> ${info.describe(placeholders()).replace(/<(\w+)>/g, '*$1*')}`,
    '',
    info.remedy,
    '',
    `Retry: ${info.retryable ? 'yes' : 'no'}. CLI exit code: ${info.exit}.`,
    '',
  ].join('\n')
}

/** The page `docs/errors.md`, made from the error table. Throws for a family without a description. */
export const errorsPage = (): string => {
  const codes = Object.keys(ERRORS) as ErrorCode[]
  const families = [...new Set(codes.map((code) => code.split('/')[0] as string))]
  const parts = families.map((family) => {
    if (FAMILIES[family] === undefined) throw new Error(`The family "${family}" needs a description`)
    return [
      `## ${family}`,
      '',
      FAMILIES[family],
      '',
      ...codes.filter((code) => code.startsWith(`${family}/`)).map(section),
    ].join('\n')
  })
  return `${INTRODUCTION}\n${parts.join('\n')}`
}

const INTRODUCTION = `# Errors

Every failure of dchat is a \`DchatError\` with one of the codes below, its \`details\`, a sentence (\`message\`) and a
remedy (\`hint\`). Words in *italics* stand for details. \`retryable\` is true if the same call may succeed later without
a change. The command line prints the sentence and the remedy on stderr and ends with the exit code.

Three things are not errors: cancellation (the reason of the \`AbortSignal\` comes through untouched), absence
(\`undefined\`), and an incoming message that cannot be read (an event, so that a stranger cannot break a stream).

This page is made from the error table in \`packages/sdk/src/errors.ts\` by \`npm run docs\`; a test holds it there.
`
