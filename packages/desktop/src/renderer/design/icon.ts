import type { LucideProps } from '@lucide/svelte'
import type { Component } from 'svelte'

/** A single icon: `import Send from '@lucide/svelte/icons/send'`. Decoration for screen readers, always. */
export type Icon = Component<LucideProps>

/** What a colour says. It never says it alone: an icon or a word goes with it. */
export type Tone = 'neutral' | 'accent' | 'agreed' | 'attention' | 'danger' | 'information'
