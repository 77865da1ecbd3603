/** A folder of small private files. */
export interface Files {
  /** What people call the folder, for errors. */
  readonly name: string
  /** Undefined if there is no such file. */
  read(file: string): Promise<Uint8Array | undefined>
  /** Atomic and durable when it resolves: after a crash either the old or the new content is there, whole. */
  write(file: string, content: Uint8Array): Promise<void>
  /** No error if there is none. */
  remove(file: string): Promise<void>
}
