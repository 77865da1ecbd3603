interface AppOptions {
  /** Where everything is kept. */
  readonly data: string
  /** What to try for the page, in this order; 0 is a free one. */
  readonly ports: readonly number[]
  readonly relay: string
  /** The guide's. */
  readonly invite: string
  readonly onPage: (url: string) => void
  readonly onWindow: () => void
  readonly onFailure: (error: unknown) => void
}

export declare const openApp: (options: AppOptions, electron?: string) => Promise<{ close(): Promise<void> }>
