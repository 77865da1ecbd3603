import type { Files, OpenedFile } from '../../../core/host.ts'
import { printPage } from '../print.ts'

/** Part of the File System Access API, which only some browsers have. */
interface SavePicker {
  showSaveFilePicker?(options: { suggestedName: string }): Promise<{ createWritable(): Promise<WritableStreamLike> }>
}

interface WritableStreamLike {
  write(chunk: Uint8Array<ArrayBuffer>): Promise<void>
  close(): Promise<void>
  abort(): Promise<void>
}

const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError'

const saveByPicker = async (
  pick: NonNullable<SavePicker['showSaveFilePicker']>,
  suggestedName: string,
  chunks: AsyncIterable<Uint8Array>,
): Promise<boolean> => {
  let file: WritableStreamLike
  try {
    file = await (await pick({ suggestedName })).createWritable()
  } catch (error) {
    if (isAbort(error)) return false
    throw error
  }
  try {
    for await (const chunk of chunks) await file.write(Uint8Array.from(chunk))
    await file.close()
  } catch (error) {
    // What stood in the file before is there again; the first error is the one to tell.
    await file.abort().catch(() => {})
    throw error
  }
  return true
}

/** The browser puts it where it puts downloads, and asks first where the person wants that. */
const saveAsDownload = async (name: string, chunks: AsyncIterable<Uint8Array>, type: string): Promise<boolean> => {
  const parts: Uint8Array<ArrayBuffer>[] = []
  for await (const chunk of chunks) parts.push(Uint8Array.from(chunk))
  const url = URL.createObjectURL(new Blob(parts, { type }))
  const link = Object.assign(document.createElement('a'), { href: url, download: name })
  link.click()
  // The download has its own hold on the data once it began.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
  return true
}

const opened = (file: File): OpenedFile => ({
  name: file.name,
  size: file.size,
  chunks: async function* () {
    const reader = file.stream().getReader()
    try {
      for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value
    } finally {
      await reader.cancel().catch(() => {})
    }
  },
})

export const browserFiles = (): Files => ({
  save: (name, chunks, mediaType) => {
    const { showSaveFilePicker } = globalThis as SavePicker
    return showSaveFilePicker === undefined
      ? saveAsDownload(name, chunks, mediaType)
      : saveByPicker(showSaveFilePicker.bind(globalThis), name, chunks)
  },
  open: (accept) =>
    new Promise((resolve) => {
      const input = Object.assign(document.createElement('input'), { type: 'file', accept })
      input.addEventListener('change', () => resolve(input.files?.[0] && opened(input.files[0])))
      input.addEventListener('cancel', () => resolve(undefined))
      input.click()
    }),
  print: printPage,
})
