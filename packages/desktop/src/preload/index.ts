import { contextBridge, ipcRenderer } from 'electron'
import { CALL_CHANNEL, EVENT_CHANNEL, SHELL, type Shell } from '../core/channels.ts'

/** All that the page gets of Electron: one way to ask and one way to be told. The program checks what comes. */
const shell: Shell = {
  call: (name, params) => ipcRenderer.invoke(CALL_CHANNEL, name, params),
  listen: (listener) => {
    const heard = (_event: unknown, name: unknown, value: unknown): void => listener(name, value)
    ipcRenderer.on(EVENT_CHANNEL, heard)
    return () => {
      ipcRenderer.off(EVENT_CHANNEL, heard)
    }
  },
}

contextBridge.exposeInMainWorld(SHELL, shell)
