import type { Settings } from '../../records/personal.ts'

export const DEFAULTS: Settings = {
  typing: true,
  presence: true,
  reports: 'small',
  strangers: 'ask',
  archiveBodies: false,
  notify: 'all',
}

const FLAG = [true, false]

/** What each setting may be. */
const CHOICES: { readonly [K in keyof Settings]: readonly unknown[] } = {
  typing: FLAG,
  presence: FLAG,
  reports: ['always', 'small', 'never'],
  strangers: ['ask', 'allow'],
  archiveBodies: FLAG,
  notify: ['all', 'mentions', 'none'],
}

export const isSetting = (name: string): name is keyof Settings => Object.hasOwn(CHOICES, name)

export const choicesOf = (name: keyof Settings): readonly unknown[] => CHOICES[name]
